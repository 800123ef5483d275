import type { IncomingCall, SipEndpoint } from '@voxology/sip';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWithCarrier } from '../testing/carrier.ts';
import { closeEmpty } from '../testing/close-empty.ts';
import type { Exchange, PhoneCall } from '../testing/exchange.ts';
import { type FakeSession, SDP } from '../testing/fake-session.ts';

const [FAR, OTHER] = ['+13105550142', '+13105550143'];
const CONFIRM = [
  {
    type: 'COLLECT',
    params: { num_digits: 1, timeout: 5_000 },
    actions: [{ type: 'SAY', params: { text: 'Press 1.' } }],
  },
];

let exchange: Exchange;
let caller: SipEndpoint;
let invited: IncomingCall[];

beforeEach(async () => {
  ({ exchange, caller, invited } = await openWithCarrier());
});
afterEach(() => closeEmpty(exchange));

async function transfer(no: string[], before: object[] = []): Promise<PhoneCall> {
  const actions = [...before, { type: 'TRANSFER', params: { no, confirm_key: '1' }, confirm: CONFIRM }];
  exchange.script = [{ actions: [...actions, { type: 'COLLECT', params: { num_digits: 1, timeout: 60_000 } }] }];
  const call = exchange.call(caller);
  await exchange.settle();
  return call;
}

/** One of the far sides picks up; gives its media, and whether it was hung up. */
async function pickUp(
  index: number,
): Promise<{ session: FakeSession; hungUp: () => boolean; hangUp(): Promise<void> }> {
  const dialog = invited[index]?.answer(SDP);
  let isHungUp = false;
  dialog?.on('bye', () => {
    isHungUp = true;
  });
  await exchange.settle();
  const session = exchange.sessions[index + 1];
  if (dialog === undefined || session === undefined) throw new Error('nobody was rung');
  const hangUp = async () => {
    void dialog.bye();
    await exchange.settle();
  };
  return { session, hungUp: () => isHungUp, hangUp };
}

async function press(session: FakeSession, digit: string): Promise<void> {
  session.emit('digit', { digit, durationMs: 100, method: 'rtp-event' });
  await exchange.settle();
}

async function hangUp(call: PhoneCall): Promise<void> {
  void call.dialog?.bye();
  await exchange.settle();
}

const outcome = () => exchange.store.log.findLast(({ type }) => type === 'transfer_ended')?.data;

test('the first that takes the call is connected and the caller answered; a voicemail before it is hung up', async () => {
  const call = await transfer([FAR, OTHER]);
  const machine = await pickUp(0);
  expect(machine.session.acts).toEqual(['start', expect.stringMatching(/^play p1 /)]);
  const anna = await pickUp(1);
  expect([call.final, exchange.groups]).toEqual([undefined, []]);
  await press(anna.session, '1');
  expect(anna.session.acts.at(-1)).toBe('stop p2');
  expect([call.final, exchange.groups]).toEqual([200, ['bridge s1 s3']]);
  expect([machine.hungUp(), anna.hungUp()]).toEqual([true, false]);
  await press(anna.session, '2');
  expect(exchange.store.log.filter(({ type }) => type === 'digit').map(({ data }) => data)).toMatchObject([
    { digit: '1', leg: { no: OTHER } },
  ]);
  await anna.hangUp();
  expect(outcome()).toMatchObject({ status: 'completed' });
  await hangUp(call);
});

test('an answered caller hears ringing while a callee is asked, and until the next one answers', async () => {
  const call = await transfer([FAR, OTHER], [{ type: 'ANSWER' }]);
  invited[0]?.ring(183, { sdp: SDP });
  await exchange.settle();
  expect(exchange.groups).toEqual(['bridge s1 s2']);
  const first = await pickUp(0);
  expect(exchange.groups).toEqual(['bridge s1 s2', 'unbridge s1 s2']);
  expect(exchange.sessions[0]?.acts.at(-1)).toMatch(/^play background\/\d+ house\/ringing$/);
  await press(first.session, '9');
  expect(first.hungUp()).toBe(true);
  const second = await pickUp(1);
  await press(second.session, '1');
  expect(exchange.groups.at(-1)).toBe('bridge s1 s3');
  await second.hangUp();
  await hangUp(call);
});

test('nobody takes the call: no-answer, whether they hang up or are hung up', async () => {
  const call = await transfer([FAR, OTHER], [{ type: 'ANSWER' }]);
  const first = await pickUp(0);
  await first.hangUp();
  expect(outcome()).toBeUndefined();
  const second = await pickUp(1);
  await press(second.session, '5');
  expect(second.hungUp()).toBe(true);
  expect(outcome()).toMatchObject({ status: 'no-answer' });
  expect(call.hungUp).toBe(false);
  await hangUp(call);
});

test('the caller gives up: who is asked is hung up, who rings is cancelled', async () => {
  const call = await transfer([FAR, OTHER]);
  invited[1]?.ring();
  const asked = await pickUp(0);
  call.outgoing.cancel();
  await exchange.settle();
  expect([asked.hungUp(), invited[1]?.isEnded]).toEqual([true, true]);
  expect(exchange.store.row).toMatchObject({ status: 'canceled' });
});
