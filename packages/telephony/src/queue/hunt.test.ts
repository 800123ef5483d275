import type { Dialog, IncomingCall } from '@voxology/sip';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Callers } from '../testing/callers.ts';
import type { Exchange } from '../testing/exchange.ts';
import { BAD_SDP, SDP } from '../testing/fake-session.ts';
import { USER_NO } from '../testing/memory-store.ts';

const [ANN, BOB, CAT] = ['+13105550141', '+13105550142', '+13105550143'];

let callers: Callers;
let exchange: Exchange;
/** INVITEs at the carrier, in order. */
let invited: IncomingCall[];

beforeEach(async () => {
  callers = await Callers.open();
  ({ exchange } = callers);
  invited = [];
  const carrier = await exchange.phoneAt('10.0.0.3');
  carrier.on('invite', (incoming) => {
    invited.push(incoming);
    incoming.ring();
  });
});
afterEach(async () => {
  await callers.close();
  expect(exchange.telephony.queues.figures).toEqual({ waiting: 0, connected: 0 });
  expect(invited.every(({ isEnded }) => isEnded)).toBe(true);
});

const enter = (params: object) => callers.call({ type: 'QUEUE', params: { name: 'help', ...params } });
/** Who is rung now or was, by number, in order. */
const rung = () => invited.map(({ request }) => /sip:(\+\d+)@/.exec(request.uri)?.[1]);
const at = (index: number): IncomingCall => {
  const call = invited.at(index);
  if (call === undefined) throw new Error(`the agents got ${invited.length} INVITEs`);
  return call;
};
async function answer(index = -1, sdp = SDP): Promise<Dialog> {
  const dialog = at(index).answer(sdp);
  await exchange.settle();
  return dialog;
}
async function refuse(status: number, index = -1): Promise<void> {
  at(index).reject(status);
  await exchange.settle();
}
async function hangUp(dialog: Dialog): Promise<void> {
  void dialog.bye();
  await exchange.settle();
}
const connectedWith = (callId: string) =>
  callers.told(callId, 'queue_connected').map((data) => (data as { callerNo: string }).callerNo);
const news = (callId: string) =>
  callers.told(callId, 'queue_agent').map((data) => {
    const { no, stage } = data as { no: string; stage: string };
    return `${no} ${stage}`;
  });

test('an agent is rung with the caller’s number, connected, and hung up when the caller goes', async () => {
  const a = await enter({ agents: [ANN] });
  expect([rung(), exchange.groups]).toEqual([[ANN], []]);
  expect(at(0).request.headers.get('From')).toContain(USER_NO);
  await callers.after(3_000);
  await answer();
  expect(exchange.groups).toEqual(['bridge s1 s2']);
  expect(callers.told(a, 'queue_connected')).toMatchObject([
    { callId: null, callerNo: ANN, waitMs: expect.any(Number) },
  ]);
  expect(exchange.telephony.queues.figures).toEqual({ waiting: 0, connected: 1 });
  // After a crash the agent gets a BYE too.
  expect(Object.keys((exchange.store.row.dialog as { others: object }).others)).toEqual([`q1 ${ANN}`]);
  await callers.hangUp(0);
  expect(at(0).isEnded).toBe(true);
  expect(exchange.groups.at(-1)).toBe('unbridge s1 s2');
});

test('the agent hangs up: the flow goes on', async () => {
  const a = await enter({ agents: [ANN] });
  await hangUp(await answer());
  expect(callers.told(a, 'queue_left')).toMatchObject([{ reason: 'ended' }]);
  expect(callers.calls[0]?.hungUp).toBe(false);
});

describe('who is rung', () => {
  test('one after the other, as the list says; who did not answer is left alone for a while', async () => {
    const a = await enter({ agents: [ANN, BOB], order: 'sequential', ring_timeout: 5_000, retry_after: 8_000 });
    await refuse(486);
    expect(rung()).toEqual([ANN, BOB]);
    await callers.after(5_000);
    expect(rung()).toEqual([ANN, BOB]);
    await callers.after(3_000);
    expect(rung()).toEqual([ANN, BOB, ANN]);
    expect(news(a)).toEqual([`${ANN} ringing`, `${ANN} busy`, `${BOB} ringing`, `${BOB} no-answer`]);
    await answer();
    expect(connectedWith(a)).toEqual([ANN]);
  });

  test('in turn: who was rung longest ago', async () => {
    for (const index of [0, 1, 2]) {
      await enter({ agents: [ANN, BOB, CAT] });
      await hangUp(await answer());
      await callers.hangUp(index);
    }
    await enter({ agents: [ANN, BOB, CAT] });
    expect(rung()).toEqual([ANN, BOB, CAT, ANN]);
  });

  test('all at once: the others hear that somebody else has answered', async () => {
    const a = await enter({ agents: [ANN, BOB, CAT], order: 'simultaneous' });
    expect(rung()).toEqual([ANN, BOB, CAT]);
    const reasons: (string | undefined)[] = [];
    for (const index of [0, 2]) at(index).on('canceled', () => reasons.push(`${index}`));
    await answer(1);
    expect([connectedWith(a), reasons]).toEqual([[BOB], ['0', '2']]);
    expect(exchange.groups).toEqual(['bridge s1 s3']);
  });

  test('an agent by several names is one; who cannot be called is left out, and why is told', async () => {
    const phone = await exchange.phoneAt('10.0.0.4');
    const atAlice: IncomingCall[] = [];
    phone.on('invite', (incoming) => atAlice.push(incoming));
    await exchange.register(phone, '10.0.0.4');
    const a = await enter({ agents: ['alice', USER_NO, '911', ANN], order: 'simultaneous' });
    expect([atAlice.length, rung(), news(a)]).toEqual([1, [ANN], ['911 failed', `${ANN} ringing`]]);
  });

  test('nobody there: tried again, told once', async () => {
    const a = await enter({ agents: ['alice'], retry_after: 1_000 });
    await callers.after(5_500);
    expect(news(a)).toEqual(['alice no-answer']);
    const phone = await exchange.phoneAt('10.0.0.4');
    phone.on('invite', (incoming) => incoming.answer(SDP));
    await exchange.register(phone, '10.0.0.4');
    await callers.after(1_000);
    expect(connectedWith(a)).toEqual(['alice']);
  });

  test('an answer that cannot be used is none', async () => {
    const a = await enter({ agents: [ANN, BOB], order: 'sequential' });
    await answer(0, BAD_SDP);
    expect([rung(), news(a).slice(1, 2)]).toEqual([[ANN, BOB], [`${ANN} failed`]]);
    await answer(1);
    expect(connectedWith(a)).toEqual([BOB]);
  });
});

describe('an agent for several calls', () => {
  test('is rung for one at a time, for the next by priority when free, not before wrap-up is over', async () => {
    const agents = { agents: [ANN], wrap_up_time: 6_000 };
    const first = await enter(agents);
    const low = await enter(agents);
    const high = await enter({ ...agents, name: 'other', priority: 3 });
    expect(rung()).toEqual([ANN]);
    const dialog = await answer();
    expect([connectedWith(first), rung()]).toEqual([[ANN], [ANN]]);
    await hangUp(dialog);
    await callers.after(5_000);
    expect(rung()).toEqual([ANN]);
    await callers.after(1_000);
    expect(rung()).toEqual([ANN, ANN]);
    await answer();
    expect([connectedWith(high), connectedWith(low)]).toEqual([[ANN], []]);
  });

  test('the one behind gets an agent that the one before does not want', async () => {
    const a = await enter({ agents: [ANN] });
    const b = await enter({ agents: [ANN, BOB] });
    expect(rung()).toEqual([ANN, BOB]);
    await answer(1);
    await answer(0);
    expect([connectedWith(a), connectedWith(b)]).toEqual([[ANN], [BOB]]);
  });

  test('who connects by calling is not rung meanwhile', async () => {
    const phone = await exchange.phoneAt('10.0.0.4');
    let asked = 0;
    phone.on('invite', () => {
      asked += 1;
    });
    await exchange.register(phone, '10.0.0.4');
    await enter({});
    await enter({ event: 'connect' });
    expect(exchange.groups).toEqual(['bridge s1 s2']);
    await enter({ agents: ['alice'], name: 'other' });
    expect(asked).toBe(0);
    await callers.hangUp(1);
    expect(asked).toBe(1);
  });
});

describe('the caller is gone', () => {
  test('while an agent rings: CANCEL, and the agent is free for the next', async () => {
    await enter({ agents: [ANN] });
    const b = await enter({ agents: [ANN] });
    await callers.hangUp(0);
    expect([at(0).isEnded, rung()]).toEqual([true, [ANN, ANN]]);
    await answer();
    expect(connectedWith(b)).toEqual([ANN]);
  });

  test('in the moment of the answer: the agent is hung up', async () => {
    await enter({ agents: [ANN] });
    void callers.calls[0]?.dialog?.bye();
    const dialog = at(0).answer(SDP);
    let isHungUp = false;
    dialog.on('bye', () => {
      isHungUp = true;
    });
    await exchange.settle();
    expect([isHungUp, exchange.groups]).toEqual([true, []]);
  });

  test('before the agent could be called at all', async () => {
    await enter({ agents: [ANN] });
    await enter({ agents: [ANN] });
    const { promise, resolve } = Promise.withResolvers<void>();
    exchange.beforeSession = promise;
    await callers.hangUp(0);
    await callers.hangUp(1);
    resolve();
    await exchange.settle();
    expect([rung(), at(0).isEnded]).toEqual([[ANN], true]);
  });

  test('because it has waited long enough', async () => {
    const a = await enter({ agents: [ANN], max_wait: 2_000 });
    await callers.after(2_000);
    expect([at(0).isEnded, connectedWith(a)]).toEqual([true, []]);
    expect(callers.told(a, 'queue_left')).toMatchObject([{ reason: 'left' }]);
  });

  test('because somebody who called connects', async () => {
    const a = await enter({ agents: [ANN] });
    await enter({ event: 'connect' });
    expect([at(0).isEnded, connectedWith(a)]).toEqual([true, [USER_NO]]);
  });
});

test('all lines are taken: the agent is tried again', async () => {
  const a = await enter({ agents: [ANN], retry_after: 1_000 });
  await refuse(500);
  const before = exchange.noPort;
  exchange.noPort = new Error('no port');
  await callers.after(1_000);
  expect(rung()).toEqual([ANN]);
  exchange.noPort = before;
  await callers.after(1_000);
  expect([rung(), news(a)]).toEqual([
    [ANN, ANN],
    [`${ANN} ringing`, `${ANN} failed`],
  ]);
});

test('media that fail end that call alone; the agent is hung up', async () => {
  await enter({ agents: [ANN] });
  await answer();
  exchange.sessions[0]?.emit('failed', { reason: 'worker died' });
  await exchange.settle();
  expect([callers.calls[0]?.hungUp, at(0).isEnded]).toEqual([true, true]);
});
