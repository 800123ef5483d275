import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { JobContext, Store } from './contract.ts';
import { openTemporaryStore, type TemporaryStore } from './temporary-store.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let temporary: TemporaryStore;
let store: Store;
const runs: { payload: unknown; context: JobContext }[] = [];

beforeAll(async () => {
  temporary = await openTemporaryStore();
  store = temporary.store;
  store.jobs.defineTask('note', async (payload, context) => {
    runs.push({ payload, context });
  });
  store.jobs.defineTask('stubborn', async (payload, context) => {
    runs.push({ payload, context });
    if (context.attempt < 2) throw new Error('not yet');
  });
});
afterAll(() => temporary.remove());

const runsOf = (name: string) => runs.filter(({ payload }) => (payload as { name: string }).name === name);

it('runs what was added before the start', async () => {
  await store.jobs.add('note', { name: 'early' });
  await store.jobs.start();
  await expect
    .poll(() => runsOf('early'), { timeout: 10_000 })
    .toMatchObject([{ context: { attempt: 1, maxAttempts: 25 } }]);
});

it('runs a failed job again later, with the count of its attempts', async () => {
  await store.jobs.add('stubborn', { name: 'again' }, { maxAttempts: 3 });
  await expect
    .poll(() => runsOf('again'), { timeout: 10_000 })
    .toMatchObject([{ context: { attempt: 1, maxAttempts: 3 } }, { context: { attempt: 2 } }]);
  expect(temporary.complaints.some((complaint) => complaint.includes('not yet'))).toBe(true);
});

it('replaces a waiting job of the same key, and runs at the time given', async () => {
  const runAt = new Date(Date.now() + 60_000);
  await store.jobs.add('note', { name: 'replaced' }, { jobKey: 'key', runAt });
  await store.jobs.add('note', { name: 'replacing' }, { jobKey: 'key' });
  await expect.poll(() => runsOf('replacing'), { timeout: 10_000 }).toHaveLength(1);
  expect(runsOf('replaced')).toEqual([]);
});

it('tells jobs when the store closes, and does not wait for them for ever', async () => {
  const other = await openTemporaryStore({ closeTimeoutMs: 200 });
  const started = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  other.store.jobs.defineTask('endless', (_payload, { signal }) => {
    started.resolve();
    signal.addEventListener('abort', () => told.resolve());
    return new Promise(() => undefined);
  });
  await other.store.jobs.add('endless', {});
  await other.store.jobs.start();
  await started.promise;
  await other.remove();
  await told.promise;
});

it('wants tasks before the start, and each once', async () => {
  expect(() => store.jobs.defineTask('late', async () => undefined)).toThrow('after start');
  const other = await openTemporaryStore();
  other.store.jobs.defineTask('note', async () => undefined);
  expect(() => other.store.jobs.defineTask('note', async () => undefined)).toThrow('already');
  await other.remove();
  await expect(async () => other.store.jobs.add('note', {})).rejects.toMatchObject({ code: 'closed' });
});
