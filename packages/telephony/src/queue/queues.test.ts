import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Callers } from '../testing/callers.ts';
import type { Exchange, PhoneCall } from '../testing/exchange.ts';

let callers: Callers;
let exchange: Exchange;
let calls: readonly PhoneCall[];

beforeEach(async () => {
  callers = await Callers.open();
  ({ exchange, calls } = callers);
});
afterEach(async () => {
  await callers.close();
  expect(exchange.telephony.queues.figures).toEqual({ waiting: 0, connected: 0 });
});

const queue = (params: object) => callers.call({ type: 'QUEUE', params: { name: 'help', ...params } });
const hangUp = (index: number) => callers.hangUp(index);
const told = (callId: string, type: string) => callers.told(callId, type);

test('the first in line is connected with who connects, and both are out when one hangs up', async () => {
  const [a, b] = [await queue({ event: 'enter' }), await queue({ event: 'enter' })];
  expect(told(b, 'queue_position')).toMatchObject([{ position: 2, size: 2 }]);
  const agent = await queue({ event: 'connect' });
  expect(exchange.groups).toEqual(['bridge s1 s3']);
  expect(told(a, 'queue_connected')).toMatchObject([{ callId: agent }]);
  expect(told(agent, 'queue_connected')).toMatchObject([{ callId: a }]);
  expect(told(b, 'queue_position').at(-1)).toMatchObject({ position: 1, size: 1 });
  await hangUp(2);
  expect(exchange.groups.at(-1)).toBe('unbridge s1 s3');
  expect(told(a, 'queue_left')).toMatchObject([{ reason: 'ended' }]);
  expect(calls[0]?.hungUp).toBe(false);
});

test('who connects waits for the next to come', async () => {
  await queue({ event: 'connect' });
  const a = await queue({ event: 'enter' });
  expect(exchange.groups).toEqual(['bridge s2 s1']);
  expect(told(a, 'queue_connected')).toMatchObject([{ waitMs: expect.any(Number) }]);
});

test('a higher priority comes first; a full queue turns away; who hangs up makes room', async () => {
  const [low, high] = [await queue({ event: 'enter' }), await queue({ event: 'enter', priority: 5 })];
  expect(told(high, 'queue_position')).toMatchObject([{ position: 1 }]);
  expect(told(low, 'queue_position').at(-1)).toMatchObject({ position: 2 });
  const third = await queue({ event: 'enter', max_size: 2 });
  expect(told(third, 'queue_refused')).toMatchObject([{ reason: 'max_size' }]);
  await hangUp(1);
  expect(told(low, 'queue_position').at(-1)).toMatchObject({ position: 1, size: 1 });
  expect(exchange.telephony.queues.figures).toEqual({ waiting: 1, connected: 0 });
});

test('the treatment tells the place, and stops when somebody connects', async () => {
  const actions = [{ type: 'SAY', params: { text: '$queuePosition' } }];
  await callers.call({ type: 'QUEUE', params: { name: 'help' }, actions });
  const [playing] = exchange.store.log.filter(({ type }) => type === 'play').map(({ data }) => data);
  expect(playing).toMatchObject({ source: { text: '1' } });
  await queue({ event: 'connect' });
  expect(exchange.sessions[0]?.acts.at(-1)).toMatch(/^stop /);
  expect(exchange.groups).toEqual(['bridge s1 s2']);
});

test('media that fail end that call alone; the other side goes on, the line too', async () => {
  const [a, b] = [await queue({ event: 'enter' }), await queue({ event: 'enter' })];
  const agent = await queue({ event: 'connect' });
  exchange.sessions[0]?.emit('failed', { reason: 'worker died' });
  await exchange.settle();
  expect(told(agent, 'queue_left')).toMatchObject([{ reason: 'ended' }]);
  expect(told(a, 'queue_left')).toEqual([]);
  expect(told(b, 'queue_position').at(-1)).toMatchObject({ position: 1 });
  expect(calls.map(({ hungUp }) => hungUp)).toEqual([true, false, false]);
});

test('who gives up connecting is out of the line', async () => {
  await queue({ event: 'connect' });
  await hangUp(0);
  const a = await queue({ event: 'enter' });
  expect(told(a, 'queue_position')).toMatchObject([{ position: 1, size: 1 }]);
  expect(exchange.groups).toEqual([]);
});

test('the server goes down: who waits and who talks is hung up', async () => {
  await queue({ event: 'enter' });
  await queue({ event: 'enter' });
  await queue({ event: 'connect' });
  const drained = exchange.telephony.stop(0, 10_000);
  await vi.advanceTimersByTimeAsync(1);
  await exchange.settle();
  await drained;
  expect(calls.map(({ hungUp }) => hungUp)).toEqual([true, true, true]);
});
