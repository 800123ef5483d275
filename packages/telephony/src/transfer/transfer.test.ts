import type { Dialog, IncomingCall, SipEndpoint } from '@voxology/sip';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openWithCarrier } from '../testing/carrier.ts';
import { closeEmpty } from '../testing/close-empty.ts';
import { Exchange, type PhoneCall } from '../testing/exchange.ts';
import { BAD_SDP, FakeSession, SDP } from '../testing/fake-session.ts';
import { CONFIGURATION, NUMBER, numberRow, USER_NO } from '../testing/memory-store.ts';

const FAR = '+13105550142';
const OTHER = '+13105550143';

let exchange: Exchange;
let caller: SipEndpoint;
let invited: IncomingCall[];

beforeEach(async () => {
  ({ exchange, caller, invited } = await openWithCarrier());
});
afterEach(() => closeEmpty(exchange));

/** Calls a number whose flow transfers, after the actions `before`. */
async function transfer(params: object, before: object[] = []): Promise<PhoneCall> {
  exchange.script = [
    {
      actions: [
        ...before,
        { type: 'TRANSFER', params },
        { type: 'COLLECT', name: 'after', params: { num_digits: 1, timeout: 60_000 } },
      ],
    },
  ];
  const call = exchange.call(caller);
  await exchange.settle();
  return call;
}
async function hangUp(call: { dialog: Dialog | null }): Promise<void> {
  void call.dialog?.bye();
  await exchange.settle();
}
function farEnd(index = 0): IncomingCall {
  const call = invited[index];
  if (call === undefined) throw new Error(`the far side got ${invited.length} INVITEs`);
  return call;
}
const outcome = () => exchange.store.log.findLast(({ type }) => type === 'transfer_ended')?.data;
const header = (call: IncomingCall, name: string) => call.request.headers.get(name);

describe('a caller who is not answered yet', () => {
  test('hears the far side ring, is answered when it answers, and both are bridged', async () => {
    const call = await transfer({ no: FAR });
    expect(call.progress).toEqual([180]);
    farEnd().ring();
    await exchange.settle();
    expect(call.progress).toEqual([180, 180]);
    const dialog = farEnd().answer(SDP);
    await exchange.settle();
    expect(call.final).toBe(200);
    expect(exchange.groups).toEqual(['bridge s1 s2']);
    await hangUp({ dialog });
    expect(exchange.groups.at(-1)).toBe('unbridge s1 s2');
    expect(outcome()).toMatchObject({ status: 'completed', sipStatus: null, error: null });
    expect(call.hungUp).toBe(false);
    await hangUp(call);
    expect(exchange.store.row).toMatchObject({ status: 'completed', hangupEnd: 'caller' });
  });

  test('hears sound that the far side sends before it answers', async () => {
    const call = await transfer({ no: FAR });
    farEnd().ring(183, { sdp: SDP });
    farEnd().ring(180);
    await exchange.settle();
    expect(call.progress).toEqual([180, 183]);
    expect(exchange.groups).toEqual(['bridge s1 s2']);
    expect(exchange.sessions.map(({ acts }) => acts)).toEqual([['start'], ['start']]);
    const dialog = farEnd().answer(SDP);
    await exchange.settle();
    expect(call.final).toBe(200);
    expect(exchange.groups).toEqual(['bridge s1 s2']);
    await hangUp({ dialog });
    await hangUp(call);
  });

  test('gives up: the far side is cancelled', async () => {
    const call = await transfer({ no: FAR });
    farEnd().ring();
    await exchange.settle();
    call.outgoing.cancel();
    await exchange.settle();
    expect(farEnd().isEnded).toBe(true);
    expect(exchange.store.row).toMatchObject({ status: 'canceled', hangupEnd: 'caller' });
  });

  test('made no offer: is bridged when its answer has come with the ACK', async () => {
    exchange.script = [{ actions: [{ type: 'TRANSFER', params: { no: FAR } }] }];
    const outgoing = caller.invite({
      uri: `sip:${NUMBER}@one.example`,
      destination: { protocol: 'udp', address: '10.0.0.1', port: 5060 },
      from: { uri: 'sip:alice@one.example' },
      to: { uri: `sip:${NUMBER}@one.example` },
      credentials: { username: 'alice', password: 'secret' },
    });
    const call: { dialog: Dialog | null } = { dialog: null };
    outgoing.on('answered', ({ dialog, acknowledge }) => {
      call.dialog = dialog;
      acknowledge?.(SDP);
    });
    await exchange.settle();
    farEnd().ring(183, { sdp: SDP });
    await exchange.settle();
    expect(exchange.groups).toEqual([]);
    farEnd().answer(SDP);
    await exchange.settle();
    expect(exchange.groups).toEqual(['bridge s1 s2']);
    await hangUp(call);
  });
});

describe('a caller who is answered', () => {
  const ANSWER = [{ type: 'ANSWER' }];

  test('hears ringing of ours until the far side answers', async () => {
    const call = await transfer({ no: FAR }, ANSWER);
    farEnd().ring();
    await exchange.settle();
    expect(exchange.sessions[0]?.acts).toEqual(['start', 'play background/1 house/ringing']);
    const dialog = farEnd().answer(SDP);
    await exchange.settle();
    expect(exchange.sessions[0]?.acts.at(-1)).toBe('stop background/1');
    await hangUp({ dialog });
    await hangUp(call);
  });

  test('hangs up: so is the far side', async () => {
    const call = await transfer({ no: FAR }, ANSWER);
    let ended = false;
    farEnd()
      .answer(SDP)
      .on('bye', () => {
        ended = true;
      });
    await exchange.settle();
    await hangUp(call);
    expect(ended).toBe(true);
    expect(exchange.store.row).toMatchObject({ status: 'completed', hangupEnd: 'caller' });
  });

  test('ends the transfer with *, and the flow goes on', async () => {
    const call = await transfer({ no: FAR, hangup_on_star: true }, ANSWER);
    let ended = false;
    farEnd()
      .answer(SDP)
      .on('bye', () => {
        ended = true;
      });
    await exchange.settle();
    exchange.sessions[0]?.emit('digit', { digit: '*', durationMs: 100, method: 'rtp-event' });
    await exchange.settle();
    expect([ended, call.hungUp]).toEqual([true, false]);
    expect(outcome()).toMatchObject({ status: 'completed' });
    await hangUp(call);
  });

  test.each([
    [486, 'busy'],
    [600, 'busy'],
    [480, 'no-answer'],
    [408, 'no-answer'],
    [603, 'failed'],
    [503, 'failed'],
  ])('%i: %s, and the flow goes on', async (status, expected) => {
    const call = await transfer({ no: FAR }, ANSWER);
    farEnd().reject(status);
    await exchange.settle();
    expect(outcome()).toMatchObject({ status: expected, sipStatus: status });
    expect(call.hungUp).toBe(false);
    await hangUp(call);
  });

  test('nobody answers in time: CANCEL, no-answer', async () => {
    const call = await transfer({ no: FAR, timeout: 5 }, ANSWER);
    farEnd().ring();
    await exchange.settle();
    vi.advanceTimersByTime(5000);
    await exchange.settle();
    expect(farEnd().isEnded).toBe(true);
    expect(outcome()).toMatchObject({ status: 'no-answer', sipStatus: null });
    await hangUp(call);
  });

  test('media of the far side that fail end the transfer, not the call', async () => {
    const call = await transfer({ no: FAR }, ANSWER);
    farEnd().answer(SDP);
    await exchange.settle();
    exchange.sessions[1]?.emit('failed', { reason: 'worker died' });
    await exchange.settle();
    expect(outcome()).toMatchObject({ status: 'completed', error: expect.stringContaining('worker died') });
    expect(call.hungUp).toBe(false);
    await hangUp(call);
  });

  test('an answer that nothing can be heard of: failed', async () => {
    const call = await transfer({ no: FAR }, ANSWER);
    farEnd().answer(BAD_SDP);
    await exchange.settle();
    expect(outcome()).toMatchObject({ status: 'failed', error: expect.stringContaining('no codec in common') });
    await hangUp(call);
  });

  test('holds and resumes either leg: the bridge stays', async () => {
    const call = await transfer({ no: FAR }, ANSWER);
    const dialog = farEnd().answer(SDP);
    await exchange.settle();
    const held = Promise.all([dialog.reinvite(SDP), call.dialog?.reinvite(SDP)]);
    await exchange.settle();
    expect(await held).toMatchObject([{ ok: true }, { ok: true }]);
    expect(exchange.groups).toEqual(['bridge s1 s2']);
    await hangUp({ dialog });
    await hangUp(call);
  });
});

describe('several at once', () => {
  test('the first that answers is connected, the other is cancelled', async () => {
    const call = await transfer({ no: [FAR, OTHER] });
    expect(invited.map(({ request }) => request.uri)).toEqual([
      `sip:${FAR}@10.0.0.3:5060;user=phone`,
      `sip:${OTHER}@10.0.0.3:5060;user=phone`,
    ]);
    for (const call of invited) call.ring();
    await exchange.settle();
    const dialog = farEnd(1).answer(SDP);
    await exchange.settle();
    expect(farEnd(0).isEnded).toBe(true);
    expect(exchange.store.log.find(({ type }) => type === 'transfer_answered')?.data).toMatchObject({ no: OTHER });
    await hangUp({ dialog });
    await hangUp(call);
  });

  test('one that declines does not speak for the others; the best refusal counts', async () => {
    const call = await transfer({ no: [FAR, OTHER, '911'] });
    farEnd(0).reject(603);
    await exchange.settle();
    expect(outcome()).toBeUndefined();
    farEnd(1).reject(486);
    await exchange.settle();
    expect(outcome()).toMatchObject({ status: 'busy', sipStatus: 486 });
    await hangUp(call);
  });
});

test('the sound of one that fails before it answers gives way to ringing', async () => {
  const call = await transfer({ no: [FAR, OTHER] });
  farEnd(1).ring();
  farEnd(0).ring(183, { sdp: SDP });
  await exchange.settle();
  expect(exchange.sessions[0]?.acts).toEqual(['start']);
  farEnd(0).reject(486);
  await exchange.settle();
  expect(exchange.sessions[0]?.acts).toEqual(['start', 'play background/1 house/ringing']);
  const dialog = farEnd(1).answer(SDP);
  await exchange.settle();
  expect(exchange.sessions[0]?.acts).toContain('stop background/1');
  await hangUp({ dialog });
  await hangUp(call);
});

test('each target is offered what it takes: a trunk with SRTP beside a phone without', async () => {
  await exchange.close();
  exchange = await Exchange.open({ trunkSrtp: 'sdes' });
  caller = await exchange.phoneAt('10.0.0.2');
  const phone = await exchange.phoneAt('10.0.0.4');
  const rung: IncomingCall[] = [];
  phone.on('invite', (incoming) => rung.push(incoming));
  expect(await exchange.register(phone, '10.0.0.4')).toBe(200);
  const call = await transfer({ no: [FAR, 'alice'] });
  expect(exchange.sentFrom('10.0.0.1').filter((what) => what === 'INVITE')).toHaveLength(2);
  expect(exchange.sessions.map(({ security }) => security)).toEqual(['none', 'sdes', 'none']);
  const dialog = rung[0]?.answer(SDP) ?? null;
  await exchange.settle();
  expect(exchange.groups).toEqual(['bridge s1 s3']);
  // The trunk never said anything, so there is nothing to cancel.
  vi.advanceTimersByTime(1);
  await hangUp({ dialog });
  await hangUp(call);
});

test('one sends sound, the other answers: the caller is bridged with the one, then with the other', async () => {
  const call = await transfer({ no: [FAR, OTHER] });
  farEnd(0).ring(183, { sdp: SDP });
  await exchange.settle();
  expect(exchange.groups).toEqual(['bridge s1 s2']);
  const dialog = farEnd(1).answer(SDP);
  await exchange.settle();
  expect(exchange.groups).toEqual(['bridge s1 s2', 'unbridge s1 s2', 'bridge s1 s3']);
  expect(farEnd(0).isEnded).toBe(true);
  expect(exchange.sessions.map(({ closed }) => closed)).toEqual([false, true, false]);
  await hangUp({ dialog });
  await hangUp(call);
});

test('an offer that cannot be made: the session is given back', async () => {
  const create = vi.spyOn(FakeSession.prototype, 'createOffer').mockImplementation(() => {
    throw new Error('no offer');
  });
  const call = await transfer({ no: FAR }, [{ type: 'ANSWER' }]);
  create.mockRestore();
  expect(outcome()).toMatchObject({ status: 'failed', error: 'no offer' });
  expect(exchange.sessions[1]?.closed).toBe(true);
  await hangUp(call);
});

describe('who may be called, and as whom', () => {
  test('the far side sees the caller; the codec of the call is offered first', async () => {
    const call = await transfer({ no: FAR });
    expect(header(farEnd(), 'From')).toContain(`<sip:${USER_NO}@one.example>`);
    expect(exchange.sessions[1]?.firstCodec).toBe('PCMU');
    farEnd().reject(486);
    await exchange.settle();
    await hangUp(call);
  });

  test.each([
    [NUMBER, NUMBER],
    [USER_NO, USER_NO],
  ])('caller_id_no %s', async (asked, seen) => {
    const call = await transfer({ no: FAR, caller_id_no: asked });
    expect(header(farEnd(), 'From')).toContain(`<sip:${seen}@one.example>`);
    farEnd().reject(486);
    await exchange.settle();
    await hangUp(call);
  });

  test.each([
    [{ no: FAR, caller_id_no: '+12125550199' }, 'neither a number of this application'],
    [{ no: '911' }, 'emergency'],
    [{ no: '+442079460000' }, 'not permitted'],
    [{ no: 'nobody' }, 'neither an E.164 number'],
  ])('%j is refused: failed', async (params, error) => {
    const call = await transfer(params);
    expect(invited).toEqual([]);
    expect(outcome()).toMatchObject({ status: 'failed', error: expect.stringContaining(error) });
    await hangUp(call);
  });

  test('a user without a phone: no-answer', async () => {
    const call = await transfer({ no: 'alice' });
    expect(outcome()).toMatchObject({ status: 'no-answer' });
    await hangUp(call);
  });

  test('a number of our own runs its own flow', async () => {
    const own = '+14155550188';
    exchange.store.numberRows.set(own, numberRow(own, CONFIGURATION));
    const ask = [{ type: 'COLLECT', params: { num_digits: 1, timeout: 60_000 } }];
    exchange.script = [
      { actions: [{ type: 'TRANSFER', params: { no: own } }] },
      { actions: [{ type: 'ANSWER' }, ...ask] },
    ];
    const call = exchange.call(caller);
    await exchange.settle(200);
    expect(exchange.callbacks.map(({ caller_no, api_no }) => [caller_no, api_no])).toEqual([
      [USER_NO, NUMBER],
      [USER_NO, own],
    ]);
    expect(exchange.groups).toEqual(['bridge s1 s2']);
    await hangUp(call);
    await exchange.settle();
  });
});

describe('limits', () => {
  test('a second leg is a line of its own', async () => {
    await exchange.close();
    exchange = await Exchange.open({ maxCalls: 1 });
    caller = await exchange.phoneAt('10.0.0.2');
    const call = await transfer({ no: FAR });
    expect(outcome()).toMatchObject({ status: 'failed', error: expect.stringContaining('lines are busy') });
    await hangUp(call);
  });

  test('the server goes down: both legs are hung up', async () => {
    const call = await transfer({ no: FAR });
    let ended = false;
    farEnd()
      .answer(SDP)
      .on('bye', () => {
        ended = true;
      });
    await exchange.settle();
    const drained = exchange.telephony.stop(0, 10_000);
    await vi.advanceTimersByTimeAsync(1);
    await exchange.settle();
    await drained;
    expect([ended, call.hungUp]).toEqual([true, true]);
  });
});

test('the dialogs of both legs are kept for the time after a crash', async () => {
  const call = await transfer({ no: FAR });
  const dialog = farEnd().answer(SDP);
  await exchange.settle();
  const stored = exchange.store.row.dialog as { own: object; others: Record<string, { remoteTag: string }> };
  expect(stored.own).toMatchObject({ remoteTag: call.dialog?.localTag });
  expect(Object.values(stored.others)).toMatchObject([{ remoteTag: dialog.localTag }]);
  await hangUp({ dialog });
  expect(exchange.store.row.dialog).toMatchObject({ others: {} });
  await hangUp(call);
});
