import type { Dialog, IncomingCall } from '@voxology/sip';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Callers } from '../testing/callers.ts';
import type { Exchange } from '../testing/exchange.ts';
import { type FakeSession, SDP } from '../testing/fake-session.ts';

const [ANN, BOB] = ['+13105550141', '+13105550142'];
const say = (text: string) => ({ type: 'SAY', params: { text } });
const CONFIRM = [{ type: 'COLLECT', params: { num_digits: 1, timeout: 5_000 } }];

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

const enter = (params: object, more: object = { confirm: CONFIRM }) =>
  callers.call({ type: 'QUEUE', params: { name: 'help', agents: [ANN, BOB], confirm_key: '1', ...params }, ...more });
const rung = () => invited.map(({ request }) => /sip:(\+\d+)@/.exec(request.uri)?.[1]);
const connectedWith = (callId: string) =>
  callers.told(callId, 'queue_connected').map((data) => (data as { callerNo: string }).callerNo);

interface Agent {
  dialog: Dialog;
  session: FakeSession;
  isHungUp: boolean;
}

/** The agent of this INVITE picks up; its media were made with it, after those of the callers. */
async function pickUp(index: number): Promise<Agent> {
  const dialog = invited[index]?.answer(SDP);
  const session = exchange.sessions[callers.calls.length + index];
  if (dialog === undefined || session === undefined) throw new Error(`there are ${invited.length} INVITEs`);
  const agent: Agent = { dialog, session, isHungUp: false };
  dialog.on('bye', () => {
    agent.isHungUp = true;
  });
  await exchange.settle();
  return agent;
}
async function press(agent: Agent, digit: string): Promise<void> {
  agent.session.emit('digit', { digit, durationMs: 100, method: 'rtp-event' });
  await exchange.settle();
}
async function hangUp({ dialog }: Agent): Promise<void> {
  void dialog.bye();
  await exchange.settle();
}

test('all at once: a voicemail that answers first is hung up when another agent takes the call', async () => {
  const a = await enter({ order: 'simultaneous' });
  const machine = await pickUp(0);
  const bob = await pickUp(1);
  expect(exchange.groups).toEqual([]);
  await press(bob, '1');
  expect([connectedWith(a), exchange.groups]).toEqual([[BOB], ['bridge s1 s3']]);
  expect([machine.isHungUp, bob.isHungUp]).toEqual([true, false]);
  await press(bob, '2');
  expect(callers.told(a, 'digit')).toMatchObject([{ digit: '1', leg: { transferId: 'q1', no: BOB } }]);
  await hangUp(bob);
  expect(callers.told(a, 'queue_left')).toMatchObject([{ reason: 'ended' }]);
});

test('who declines, presses nothing or hangs up is left alone for a while, and the next is rung', async () => {
  const a = await enter({ order: 'sequential', retry_after: 8_000 });
  const ann = await pickUp(0);
  expect(rung()).toEqual([ANN]);
  await callers.after(5_000);
  expect([ann.isHungUp, rung()]).toEqual([true, [ANN, BOB]]);
  await hangUp(await pickUp(1));
  expect(rung()).toEqual([ANN, BOB]);
  await callers.after(8_000);
  expect(rung()).toEqual([ANN, BOB, ANN]);
  const again = await pickUp(2);
  await press(again, '2');
  expect([again.isHungUp, connectedWith(a)]).toEqual([true, []]);
  expect(callers.told(a, 'callee_ended')).toHaveLength(3);
  expect(callers.told(a, 'queue_agent')).toMatchObject([
    { no: ANN, stage: 'ringing' },
    { no: ANN, stage: 'no-answer' },
    { no: BOB, stage: 'ringing' },
    { no: BOB, stage: 'no-answer' },
  ]);
});

test('one who is asked by one queue is rung by no other; when he declines the next in line may have him', async () => {
  const whisper = { whisper: [say('A caller.')], confirm: CONFIRM };
  await enter({ agents: [ANN], retry_after: 30_000 }, whisper);
  const b = await enter({ agents: [ANN], name: 'other', priority: 5 }, whisper);
  expect(rung()).toEqual([ANN]);
  const session = exchange.sessions[1];
  invited[0]?.answer(SDP);
  await exchange.settle();
  expect([session?.acts.length, rung()]).toEqual([2, [ANN]]);
  await callers.after(29_000);
  expect(rung()).toEqual([ANN]);
  await callers.after(31_000);
  expect([rung(), connectedWith(b)]).toEqual([[ANN, ANN], []]);
});

describe('an agent who is asked is hung up, and is free for others', () => {
  test.each([
    ['the caller hangs up', {}, () => callers.hangUp(0)],
    ['the caller has waited long enough', { max_wait: 3_000 }, () => callers.after(3_000)],
    [
      'the caller leaves by key',
      {},
      async () => {
        exchange.sessions[0]?.emit('digit', { digit: '9', durationMs: 100, method: 'rtp-event' });
        await exchange.settle();
      },
    ],
    [
      'somebody who called connects',
      {},
      () => callers.call({ type: 'QUEUE', params: { name: 'help', event: 'connect' } }),
    ],
  ])('when %s', async (_what, params, happens) => {
    const treatment = [
      { type: 'COLLECT', params: { num_digits: 1, timeout: 60_000 } },
      { type: 'QUEUE', params: { event: 'leave' } },
    ];
    const a = await enter({ agents: [ANN], ...params }, { whisper: [say('A caller.')], actions: treatment });
    const ann = await pickUp(0);
    await happens();
    expect([ann.isHungUp, connectedWith(a).includes(ANN)]).toEqual([true, false]);
    expect(exchange.telephony.queues.figures.waiting).toBe(0);
    await enter({ agents: [ANN], name: 'next' });
    expect(rung()).toEqual([ANN, ANN]);
  });
});

test('the caller leaves by key while an agent rings, whose phone stops', async () => {
  const treatment = [
    { type: 'COLLECT', params: { num_digits: 1, timeout: 60_000 } },
    { type: 'QUEUE', params: { event: 'leave' } },
  ];
  const a = await enter({ agents: [ANN] }, { actions: treatment });
  exchange.sessions[0]?.emit('digit', { digit: '9', durationMs: 100, method: 'rtp-event' });
  await exchange.settle();
  expect([invited[0]?.isEnded, callers.calls[0]?.hungUp]).toEqual([true, false]);
  expect(callers.told(a, 'queue_left')).toMatchObject([{ reason: 'left' }]);
});

test('the server goes down: callers, and agents who ring or are asked, are hung up', async () => {
  await enter({ agents: [ANN] }, { whisper: [say('A caller.')] });
  const ann = await pickUp(0);
  await enter({ agents: [BOB], name: 'other' });
  const drained = exchange.telephony.stop(0, 10_000);
  await vi.advanceTimersByTimeAsync(1);
  await exchange.settle();
  await callers.after(3_000);
  await drained;
  expect([ann.isHungUp, invited[1]?.isEnded, callers.calls.map(({ hungUp }) => hungUp)]).toEqual([
    true,
    true,
    [true, true],
  ]);
});
