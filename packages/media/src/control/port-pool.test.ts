import { beforeEach, expect, test } from 'vitest';
import { MediaPortsExhausted } from './errors.ts';
import { PortPool } from './port-pool.ts';
import { PortRange } from './port-range.ts';

let bound: [worker: number, port: number][];
let unbound: number[];
let nowMs: number;

beforeEach(() => {
  bound = [];
  unbound = [];
  nowMs = 0;
});

function pool(low: number, high: number, workers = 1, minReady = 2): PortPool {
  const ports = new PortPool({
    range: new PortRange(low, high),
    workers,
    minReady,
    maxReady: 8,
    restMs: 1000,
    bind: (worker, port) => bound.push([worker, port]),
    unbind: (_, port) => unbound.push(port),
    now: () => nowMs,
  });
  for (let worker = 0; worker < workers; worker++) ports.workerUp(worker);
  return ports;
}

/** Lets every bind asked for succeed, also those that follow. */
function bindAll(ports: PortPool): void {
  for (const [worker, port] of bound) ports.bound(worker, port);
}

test('only even ports with their odd one are handed out, spread over the workers', async () => {
  const ports = pool(10_001, 10_020, 2);
  bindAll(ports);
  const taken = await Promise.all([ports.take(), ports.take(), ports.take(), ports.take()]);
  expect(taken.every(({ port }) => port % 2 === 0 && port > 10_001 && port < 10_020)).toBe(true);
  expect(taken.map(({ worker }) => worker).sort()).toEqual([0, 0, 1, 1]);
  expect(new Set(taken.map(({ port }) => port)).size).toBe(4);
});

test('a call waits for a bind only when the pool is empty, and for no more binds than calls', async () => {
  const ports = pool(10_000, 10_999, 1, 1);
  const waiting = [ports.take(), ports.take(), ports.take()];
  expect(bound.length).toBe(3);
  bindAll(ports);
  expect(new Set((await Promise.all(waiting)).map(({ port }) => port)).size).toBe(3);
});

test('a port rests after its session, longer when somebody still sends to it', async () => {
  const ports = pool(10_000, 10_001);
  bindAll(ports);
  const { port } = await ports.take();
  ports.release(0, port);
  nowMs = 900;
  await expect(ports.take()).rejects.toThrow(MediaPortsExhausted);
  ports.disturbed(0, port);
  nowMs = 1800;
  await expect(ports.take()).rejects.toThrow('10000-10001');
  nowMs = 1900;
  expect((await ports.take()).port).toBe(port);
});

test('a port that somebody keeps sending to does not keep the others from their use', async () => {
  const ports = pool(10_000, 10_003);
  bindAll(ports);
  const first = await taken(ports);
  const second = await taken(ports);
  ports.release(0, first.port);
  ports.release(0, second.port);
  nowMs = 900;
  ports.disturbed(0, first.port);
  nowMs = 1000;
  expect((await ports.take()).port).toBe(second.port);
});

test('a ready port that is sent to is not handed out', async () => {
  const ports = pool(10_000, 10_003);
  bindAll(ports);
  ports.disturbed(0, 10_000);
  bindAll(ports);
  expect((await ports.take()).port).toBe(10_002);
});

test('a port of another program is passed over and tried again later', async () => {
  const ports = pool(10_000, 10_003, 1, 1);
  ports.bindFailed(0, 10_000);
  bindAll(ports);
  expect((await ports.take()).port).toBe(10_002);
  await expect(ports.take()).rejects.toThrow(MediaPortsExhausted);
  nowMs = 30_000;
  bound = [];
  ports.tend();
  expect(bound).toEqual([[0, 10_000]]);
});

test('the pool grows with the calls and shrinks after them', async () => {
  const ports = pool(10_000, 10_999);
  bindAll(ports);
  const taken = [await ports.take()];
  for (let i = 0; i < 5; i++) {
    bindAll(ports);
    taken.push(await ports.take());
  }
  ports.tend();
  bindAll(ports);
  expect(ports.counts(0).ready).toBe(8);
  for (const { worker, port } of taken) ports.release(worker, port);
  for (let second = 1; second < 40; second++) {
    nowMs = second * 1000;
    ports.tend();
  }
  expect(ports.counts(0)).toEqual({ inUse: 0, ready: 4, resting: 0, binding: 0 });
  expect(unbound.length).toBe(10);
});

test('a dead worker frees its ports and gets no calls until it is back', async () => {
  const ports = pool(10_000, 10_007, 2, 2);
  bindAll(ports);
  const first = await ports.take();
  ports.workerDown(first.worker);
  const other = await ports.take();
  expect(other.worker).toBe(1 - first.worker);
  ports.workerUp(first.worker);
  bindAll(ports);
  expect((await ports.take()).worker).toBe(first.worker);
});

/** Takes a port, with every bind succeeding at once. */
function taken(ports: PortPool, preferred?: number): Promise<{ worker: number; port: number }> {
  const waiting = ports.take(preferred);
  bindAll(ports);
  return waiting;
}

test('a port beside another leg is of its worker, and of another one only when it can have none', async () => {
  const ports = pool(10_000, 10_007, 2, 1);
  bindAll(ports);
  const workers = [];
  for (let i = 0; i < 4; i++) workers.push((await taken(ports, 0)).worker);
  expect(workers).toEqual([0, 0, 0, 1]);
  await expect(taken(ports, 0)).rejects.toThrow(MediaPortsExhausted);
});

test('a call that waits for a port of a worker does not keep the others waiting', async () => {
  const ports = pool(10_000, 10_999, 2, 1);
  bindAll(ports);
  await ports.take(0);
  const beside = ports.take(0);
  expect((await ports.take()).worker).toBe(1);
  bindAll(ports);
  expect((await beside).worker).toBe(0);
});
