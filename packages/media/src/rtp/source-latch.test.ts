import { beforeEach, expect, test } from 'vitest';
import { SourceLatch } from './source-latch.ts';

const SIGNALLED = { address: '192.0.2.1', port: 4000 };
let latch: SourceLatch;
let sequence: number;

beforeEach(() => {
  latch = new SourceLatch({ learningMs: 1000, silenceMs: 2000 });
  sequence = 0;
});

function packet(address: string, port: number, nowMs: number, ssrc = 1): boolean {
  sequence++;
  return latch.accept(address, port, ssrc, sequence, nowMs);
}

test('before the far side told an address nothing is taken', () => {
  expect(packet('192.0.2.1', 4000, 0)).toBe(false);
  expect(latch.remote).toBeNull();
});

test('the signalled source latches for good at once', () => {
  latch.signal(SIGNALLED);
  expect(latch.remote).toEqual(SIGNALLED);
  expect(latch.exclusive).toBe(false);
  expect(packet('192.0.2.1', 4000, 0)).toBe(true);
  expect(latch.exclusive).toBe(true);
  expect(packet('198.51.100.9', 9, 1)).toBe(false);
});

test('a source behind NAT latches, and for good after the learning time', () => {
  latch.signal(SIGNALLED);
  expect(packet('203.0.113.5', 7000, 0)).toBe(true);
  expect(latch.remote).toEqual({ address: '203.0.113.5', port: 7000 });
  expect(packet('198.51.100.9', 9, 10)).toBe(false);
  expect(latch.exclusive).toBe(false);
  expect(packet('203.0.113.5', 7000, 1000)).toBe(true);
  expect(latch.exclusive).toBe(true);
});

test('while learning, a source nearer to the signalled one takes over', () => {
  latch.signal(SIGNALLED);
  expect(packet('198.51.100.9', 9, 0)).toBe(true);
  expect(packet('192.0.2.1', 5555, 20)).toBe(true);
  expect(packet('198.51.100.9', 9, 40)).toBe(false);
  expect(packet('192.0.2.1', 4000, 60)).toBe(true);
  expect(packet('192.0.2.1', 5555, 80)).toBe(false);
  expect(latch.exclusive).toBe(true);
});

test('an address that cannot be reached is learnt from the first packet', () => {
  latch.signal(null);
  expect(packet('203.0.113.5', 7000, 0)).toBe(true);
  expect(latch.remote).toEqual({ address: '203.0.113.5', port: 7000 });
});

test('nobody takes over from a source that speaks', () => {
  latch.signal(SIGNALLED);
  packet('192.0.2.1', 4000, 0);
  expect(latch.relax(1999)).toBe(false);
  expect(packet('192.0.2.1', 4002, 1999)).toBe(false);
});

test.each([
  ['a new port of the same host', '192.0.2.1', 4002, 9, true],
  ['the same stream from another host', '203.0.113.5', 7000, 1, true],
  ['a stranger', '203.0.113.5', 7000, 9, false],
])('after silence: %s', (_, address, port, ssrc, accepted) => {
  latch.signal(SIGNALLED);
  packet('192.0.2.1', 4000, 0);
  expect(latch.relax(2000)).toBe(true);
  expect(latch.exclusive).toBe(false);
  expect(latch.remote).toEqual(SIGNALLED);
  expect(packet(address, port, 2100, ssrc)).toBe(accepted);
  expect(latch.exclusive).toBe(accepted);
});

test('the source that was silent may come back', () => {
  latch.signal(SIGNALLED);
  packet('192.0.2.1', 4000, 0);
  latch.relax(5000);
  expect(packet('192.0.2.1', 4000, 5001)).toBe(true);
  expect(latch.exclusive).toBe(true);
});

test('a newly signalled address is sent to at once; the former source is heard until the new one comes', () => {
  latch.signal(SIGNALLED);
  packet('192.0.2.1', 4000, 0);
  latch.signal({ address: '192.0.2.7', port: 6000 });
  expect(latch.remote).toEqual({ address: '192.0.2.7', port: 6000 });
  expect(packet('192.0.2.1', 4000, 20)).toBe(true);
  expect(latch.remote).toEqual({ address: '192.0.2.7', port: 6000 });
  expect(packet('192.0.2.7', 6000, 40)).toBe(true);
  expect(packet('192.0.2.1', 4000, 60)).toBe(false);
});

test('a far side that signals another address but goes on from the old one keeps it', () => {
  latch.signal(SIGNALLED);
  packet('192.0.2.1', 4000, 0);
  latch.signal({ address: '10.0.0.7', port: 6000 });
  packet('192.0.2.1', 4000, 20);
  expect(packet('192.0.2.1', 4000, 1020)).toBe(true);
  expect(latch.remote).toEqual(SIGNALLED);
  expect(latch.exclusive).toBe(true);
});

test('the same address signalled again changes nothing', () => {
  latch.signal(SIGNALLED);
  packet('192.0.2.1', 4000, 0);
  latch.signal({ ...SIGNALLED });
  expect(latch.exclusive).toBe(true);
});

test('hold by an address of zeros does not open the port to strangers', () => {
  latch.signal(SIGNALLED);
  packet('192.0.2.1', 4000, 0);
  latch.signal(null);
  expect(packet('198.51.100.9', 9, 20)).toBe(false);
  expect(latch.remote).toEqual(SIGNALLED);
});
