import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, test, vi } from 'vitest';
import { MediaConfigError, MediaEngine, MediaPortsExhausted } from './index.ts';
import { Peer, sharedNoise } from './testing/engine-peer.ts';

// Below the ports the system gives out by itself, and apart from other runs of these tests.
const BASE = 20_000 + (process.pid % 120) * 100;
// Threads start and end; on a busy machine that takes a while.
vi.setConfig({ testTimeout: 30_000 });

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const closable of open.splice(0)) await closable.close();
});

test('a full range is refused with its name, and a port taken by another program is passed over', async () => {
  const taken = createSocket('udp4');
  taken.bind(BASE + 68, '127.0.0.1');
  await once(taken, 'listening');
  open.push(taken);
  const small = await MediaEngine.start({ host: '127.0.0.1', portLow: BASE + 66, portHigh: BASE + 73, workers: 1 });
  open.push(small);
  const sessions = await Promise.all([small.createSession(), small.createSession(), small.createSession()]);
  expect(sessions.map(({ port }) => port).sort()).toEqual([BASE + 66, BASE + 70, BASE + 72]);
  await expect(small.createSession()).rejects.toThrow(MediaPortsExhausted);
  await expect(small.createSession()).rejects.toThrow(`${BASE + 66}-${BASE + 73}`);
});

test('a session asked for when the engine closes is refused', async () => {
  const own = await MediaEngine.start({ host: '127.0.0.1', portLow: BASE + 90, portHigh: BASE + 99, workers: 1 });
  const asked = Promise.allSettled(Array.from({ length: 4 }, () => own.createSession()));
  await own.close();
  for (const result of await asked) {
    expect(result).toMatchObject({ status: 'rejected', reason: { message: 'The media engine is closed' } });
  }
  await expect(own.createSession()).rejects.toThrow('The media engine is closed');
});

test('the figures of sessions that are open when the engine closes are told', async () => {
  const own = await MediaEngine.start({ host: '127.0.0.1', portLow: BASE + 90, portHigh: BASE + 99, workers: 1 });
  const peer = await Peer.open();
  open.push(peer);
  const session = await own.createSession();
  session.answerOffer(peer.offer());
  session.start();
  await peer.until(2);
  const failed = vi.fn();
  session.on('failed', failed);
  await own.close();
  expect((await session.close()).packetsSent).toBeGreaterThanOrEqual(2);
  expect(failed).not.toHaveBeenCalled();
});

test('settings that cannot work are refused at the start', async () => {
  const start = (options: object) =>
    MediaEngine.start({ host: '127.0.0.1', portLow: BASE, portHigh: BASE + 59, workers: 1, ...options });
  await expect(start({ host: 'localhost' })).rejects.toThrow(MediaConfigError);
  await expect(start({ host: '0.0.0.0' })).rejects.toThrow('advertiseHost');
  await expect(start({ portLow: 5000, portHigh: 4000 })).rejects.toThrow(MediaConfigError);
  await expect(start({ host: '203.0.113.7', portLow: BASE + 74, portHigh: BASE + 79 })).rejects.toThrow(
    'EADDRNOTAVAIL',
  );
});

test('a dead worker ends its sessions, and another one takes its place with the prompts', async () => {
  const posts = vi.spyOn(Worker.prototype, 'postMessage');
  const own = await MediaEngine.start({ host: '127.0.0.1', portLow: BASE + 80, portHigh: BASE + 89, workers: 1 });
  open.push(own);
  const thread = posts.mock.contexts.find((_, index) =>
    JSON.stringify(posts.mock.calls[index]).includes(`${BASE + 80}`),
  );
  posts.mockRestore();
  const ref = own.loadPrompt({ id: 'noise', samples: sharedNoise(8000), sampleRateHz: 8000 });
  const peer = await Peer.open();
  open.push(peer);
  const session = await own.createSession();
  session.answerOffer(peer.offer());
  session.start();
  session.play('p', ref);
  await peer.until(2);
  const ended = once(session, 'playbackEnded');
  const failed = once(session, 'failed');
  const told = once(own, 'workerFailed');
  await (thread as Worker).terminate();
  expect(await ended).toEqual([{ playbackId: 'p', outcome: 'stopped' }]);
  expect((await failed)[0].reason).toContain('ended with code');
  expect((await told)[0].worker).toBe(0);
  await session.close();

  const second = await vi.waitFor(() => own.createSession(), 10_000);
  second.answerOffer(peer.offer());
  second.start();
  const completed = once(second, 'playbackEnded');
  second.play('q', ref, { offsetMs: 900 });
  expect(await completed).toEqual([{ playbackId: 'q', outcome: 'completed' }]);
});
