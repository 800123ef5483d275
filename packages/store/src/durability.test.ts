import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { openStore } from './open-store.ts';
import { endCallback, ending, opening, openTemporaryStore, type TemporaryStore } from './temporary-store.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let temporary: TemporaryStore;
beforeAll(async () => {
  temporary = await openTemporaryStore();
});
beforeEach(async () => {
  await temporary.store.close();
  temporary.store = await openStore({ dataDir: temporary.dataDir });
});
afterAll(async () => {
  await temporary.store.close();
  await rm(temporary.dataDir, { recursive: true, force: true });
});

const recovered = async (suffix: string) => {
  const { unfinished, pendingEndCallbacks } = await temporary.store.calls.recover();
  return {
    unfinished: unfinished.filter(({ callId }) => callId.endsWith(suffix)),
    pendingEndCallbacks: pendingEndCallbacks.filter(({ callId }) => callId.endsWith(suffix)),
  };
};

const postmasterFile = () => join(temporary.dataDir, 'postgres', 'data', 'postmaster.pid');
const postmaster = async () => Number((await readFile(postmasterFile(), 'utf8')).split('\n')[0]);
/** Another process, to the database server, by its socket. */
const socketUrl = () =>
  `postgres://voxology@${encodeURIComponent(join(temporary.dataDir, 'postgres', 'data'))}/postgres`;

/** Runs `body` with `store` (on `options`) and `say` in a process of its own. */
function elsewhere(options: object, body: string): { child: ChildProcess; lines: AsyncIterator<string> } {
  const url = (name: string) => JSON.stringify(join(import.meta.dirname, name));
  const script = `
    import { openStore } from ${url('open-store.ts')};
    import { opening, ending, endCallback } from ${url('temporary-store.ts')};
    const store = await openStore(${JSON.stringify(options)});
    const say = (text) => process.stdout.write(text + '\\n');
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}

it('loses nothing acknowledged when the server is killed, and goes on by itself', async () => {
  const { store } = temporary;
  const acknowledged: string[] = [];
  const killed = await postmaster();
  const calls = Array.from({ length: 1500 }, async (_, index) => {
    await new Promise((resolve) => setTimeout(resolve, index / 2));
    const callId = `${index}@kill`;
    await store.calls.open(opening(callId));
    store.events.append(callId, [{ seq: 1, at: 1, kind: 'event', type: 'warning', data: { index } }]);
    await store.calls.finish(callId, ending());
    acknowledged.push(callId);
    if (acknowledged.length === 400) process.kill(killed, 'SIGKILL');
  });
  await Promise.all(calls);
  await store.events.flush();
  expect(await postmaster()).not.toBe(killed);
  expect(acknowledged).toHaveLength(1500);
  expect(store.events.stats()).toMatchObject({ bufferedEvents: 0, droppedEvents: 0 });
  for (const callId of acknowledged) {
    expect(await store.calls.get(callId)).toMatchObject({ status: 'completed', endCallbackState: 'pending' });
    expect(await store.events.list(callId)).toHaveLength(1);
  }
});

it('hands calls and jobs of a killed process over to the next one', async () => {
  await temporary.store.close();
  const { dataDir } = temporary;
  const { child, lines } = elsewhere(
    { dataDir },
    `await store.calls.open(opening('up@crash'));
    await store.calls.answered('up@crash', { answerTimeMs: 5, dialog: { cseq: 9 } });
    for (const id of ['told@crash', 'untold@crash', 'quiet@crash']) await store.calls.open(opening(id));
    await store.calls.finish('untold@crash', ending());
    await store.calls.finish('told@crash', ending());
    await store.calls.finish('quiet@crash', ending({ endCallback: null }));
    await store.calls.endCallbackDelivered('told@crash');
    store.jobs.defineTask('retry', () => { say('working'); return new Promise(() => undefined); });
    await store.jobs.add('retry', { callId: 'untold@crash' });
    await store.jobs.start();`,
  );
  expect((await lines.next()).value).toBe('working');
  child.kill('SIGKILL');
  await once(child, 'exit');

  const store = await openStore({ dataDir });
  temporary.store = store;
  const { unfinished, pendingEndCallbacks } = await recovered('@crash');
  expect(unfinished).toMatchObject([
    { callId: 'up@crash', answerTimeMs: 5, dialog: { cseq: 9 }, processId: store.processId },
  ]);
  expect(pendingEndCallbacks).toEqual([{ callId: 'untold@crash', endCallback }]);
  expect(await recovered('@crash')).toEqual({ unfinished: [], pendingEndCallbacks: [] });
  const job = new Promise((resolve) => store.jobs.defineTask('retry', async (payload) => resolve(payload)));
  await store.jobs.start();
  expect(await job).toEqual({ callId: 'untold@crash' });
});

it('shares a database by its URL, and leaves the calls of processes that run alone', async () => {
  const databaseUrl = socketUrl();
  const secretKeyFile = join(temporary.dataDir, 'secret.key');
  const { child, lines } = elsewhere(
    { dataDir: join(temporary.dataDir, 'second'), databaseUrl, secretKeyFile },
    `await store.calls.open(opening('up@second'));
    say(store.encrypt('shared', 'test'));`,
  );
  const sealed = String((await lines.next()).value);
  const { store } = temporary;
  expect(store.decrypt(sealed, 'test')).toBe('shared');
  expect(await store.calls.get('up@second')).not.toBeNull();
  expect((await recovered('@second')).unfinished).toEqual([]);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await expect
    .poll(async () => (await recovered('@second')).unfinished.map(({ callId }) => callId), { timeout: 10_000 })
    .toEqual(['up@second']);
});

it('says which database cannot be reached, without its password', async () => {
  const attempt = openStore({
    dataDir: join(temporary.dataDir, 'third'),
    databaseUrl: 'postgres://me:secret@127.0.0.1:1/none',
  });
  await expect(attempt).rejects.toMatchObject({
    code: 'unreachable',
    message: expect.stringMatching(/me:…@127\.0\.0\.1:1\/none.*ECONNREFUSED/),
  });
});

it('writes what is pending when it is closed, and rejects what comes after', async () => {
  const { store, dataDir } = temporary;
  const opened = store.calls.open(opening('1@close'));
  store.events.append('1@close', [{ seq: 1, at: 1, kind: 'event', type: 'warning', data: null }]);
  await store.close();
  await opened;
  await expect(store.calls.open(opening('2@close'))).rejects.toMatchObject({ code: 'closed' });
  const next = await openStore({ dataDir });
  temporary.store = next;
  expect(await next.events.list('1@close')).toHaveLength(1);
  await next.ping();
});

it('drops and counts events beyond what it may hold', async () => {
  await temporary.store.close();
  const store = await openStore({ dataDir: temporary.dataDir, maxEventBufferBytes: 2000 });
  temporary.store = store;
  const append = (seq: number) =>
    store.events.append('1@full', [{ seq, at: 1, kind: 'event', type: 'x', data: 'y'.repeat(900) }]);
  expect([1, 2, 3, 4, 5].map(append)).toEqual([true, true, true, false, false]);
  expect(store.events.stats()).toMatchObject({ bufferedEvents: 3, appendedEvents: 3, droppedEvents: 2 });
  expect(await store.events.list('1@full')).toHaveLength(3);
  expect(append(4)).toBe(true);
});
