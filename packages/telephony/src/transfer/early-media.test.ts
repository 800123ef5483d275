import type { IncomingCall, SipEndpoint } from '@voxology/sip';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWithCarrier } from '../testing/carrier.ts';
import { closeEmpty } from '../testing/close-empty.ts';
import type { Exchange, PhoneCall } from '../testing/exchange.ts';
import { BAD_SDP, SDP } from '../testing/fake-session.ts';

const TARGETS = ['+13105550142', '+13105550143', '+13105550144'];

let exchange: Exchange;
let caller: SipEndpoint;
let invited: IncomingCall[];

beforeEach(async () => {
  ({ exchange, caller, invited } = await openWithCarrier());
});
afterEach(() => closeEmpty(exchange));

async function transfer(no: string | string[]): Promise<PhoneCall> {
  exchange.script = [
    {
      actions: [
        { type: 'TRANSFER', params: { no } },
        { type: 'COLLECT', params: { num_digits: 1, timeout: 60_000 } },
      ],
    },
  ];
  const call = exchange.call(caller);
  await exchange.settle();
  return call;
}
/** Two telephones of alice, who is transferred to. */
async function transferToTwoPhones(): Promise<{ call: PhoneCall; desk: IncomingCall; kitchen: IncomingCall }> {
  const rung: IncomingCall[] = [];
  for (const address of ['10.0.0.4', '10.0.0.5']) {
    const phone = await exchange.phoneAt(address);
    phone.on('invite', (incoming) => rung.push(incoming));
    expect(await exchange.register(phone, address)).toBe(200);
  }
  const call = await transfer('alice');
  const [desk, kitchen] = rung;
  if (desk === undefined || kitchen === undefined) throw new Error(`${rung.length} phones ring`);
  return { call, desk, kitchen };
}
async function does(act: () => unknown): Promise<void> {
  act();
  await exchange.settle();
}
const hangUp = ({ dialog }: PhoneCall) => does(() => dialog?.bye());
const ringbacks = () => exchange.sessions[0]?.acts.filter((act) => act.endsWith('house/ringing')).length;
const target = (index: number): IncomingCall => {
  const call = invited[index];
  if (call === undefined) throw new Error(`the carrier got ${invited.length} INVITEs`);
  return call;
};

test('the phone that is heard declines, the other sends sound too: that is heard', async () => {
  const { call, desk, kitchen } = await transferToTwoPhones();
  await does(() => desk.ring(183, { sdp: SDP }));
  await does(() => kitchen.ring(183, { sdp: SDP }));
  expect(exchange.groups).toEqual(['bridge s1 s2']);
  await does(() => desk.reject(486));
  expect(exchange.groups).toEqual(['bridge s1 s2', 'unbridge s1 s2', 'bridge s1 s2']);
  expect(ringbacks()).toBe(0);
  await does(() => kitchen.answer(SDP));
  expect(call.final).toBe(200);
  await hangUp(call);
});

test('the phone that is heard declines, the other rings: so it does for the caller', async () => {
  const { call, desk, kitchen } = await transferToTwoPhones();
  await does(() => kitchen.ring(180));
  await does(() => desk.ring(183, { sdp: SDP }));
  await does(() => desk.reject(480));
  expect(exchange.groups).toEqual(['bridge s1 s2', 'unbridge s1 s2']);
  expect(ringbacks()).toBe(1);
  await does(() => kitchen.reject(486));
  expect(exchange.sessions[0]?.acts).toContainEqual(expect.stringMatching(/^stop background/));
  await hangUp(call);
});

test('the phone that is heard declines before the other says anything: ringing begins when that rings', async () => {
  const { call, desk, kitchen } = await transferToTwoPhones();
  await does(() => desk.ring(183, { sdp: SDP }));
  await does(() => desk.reject(486));
  expect([exchange.groups, ringbacks()]).toEqual([['bridge s1 s2', 'unbridge s1 s2'], 0]);
  await does(() => kitchen.ring(180));
  expect(ringbacks()).toBe(1);
  await does(() => kitchen.answer(SDP));
  await hangUp(call);
});

test('several targets send sound: the next that can be heard takes over, each in turn', async () => {
  const call = await transfer(TARGETS);
  await does(() => target(0).ring(183, { sdp: SDP }));
  await does(() => target(1).ring(183, { sdp: BAD_SDP }));
  await does(() => target(2).ring(183, { sdp: SDP }));
  await does(() => target(0).reject(486));
  expect(exchange.groups).toEqual(['bridge s1 s2', 'unbridge s1 s2', 'bridge s1 s4']);
  await does(() => target(2).reject(486));
  expect([exchange.groups.at(-1), ringbacks()]).toEqual(['unbridge s1 s4', 1]);
  await does(() => target(1).answer(SDP));
  expect(exchange.groups.at(-1)).toBe('bridge s1 s3');
  await hangUp(call);
});

test('those that lose give their ports back at once, before they have said that they ring no more', async () => {
  const call = await transfer(TARGETS);
  await does(() => invited.map((incoming) => incoming.ring()));
  const closed = () => exchange.sessions.slice(1).map((session) => session.closed);
  await does(() => target(1).reject(486));
  expect(closed()).toEqual([false, true, false]);
  // What stops the first from ringing is slow to come.
  exchange.network.weather = ({ text }) => [text.startsWith('CANCEL') ? 1000 : 1];
  await does(() => target(2).answer(SDP));
  expect([closed(), target(0).isEnded]).toEqual([[true, true, false], false]);
  await exchange.settle(2000);
  expect(target(0).isEnded).toBe(true);
  await hangUp(call);
});
