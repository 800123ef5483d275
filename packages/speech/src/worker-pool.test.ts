import { afterEach, expect, test, vi } from 'vitest';
import { WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';

// Worker threads and programs are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

// Answers with what it was given at its start; "spin" never answers, "exit" and "throw" die.
const script = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, workerData } from 'node:worker_threads';
    parentPort.on('message', (job) => {
      if (job === 'spin') for (;;);
      if (job === 'exit') process.exit(1);
      if (job === 'throw') throw new Error('on purpose');
      parentPort.postMessage(workerData + job);
    });
  `)}`,
);
const never = new AbortController().signal;

let pool: WorkerPool<string, string> | undefined;
const open = (options: Partial<WorkerPoolOptions> = {}) => {
  pool = new WorkerPool({ script, workerData: '>', workers: 1, queueLimit: 10, jobTimeLimitMs: 30_000, ...options });
  return pool;
};
afterEach(() => pool?.close());

test('does all jobs, each on a worker of its own', async () => {
  const many = open({ workers: 2 });
  const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((job) => many.run(job, never)));
  expect(answers).toEqual(['>a', '>b', '>c', '>d', '>e']);
});

test.each(['exit', 'throw'])('a worker that dies by %s fails its job only', async (death) => {
  const recovering = open();
  const jobs = Promise.allSettled([death, 'after'].map((job) => recovering.run(job, never)));
  expect(await jobs).toMatchObject([
    { status: 'rejected', reason: { reason: 'failed' } },
    { status: 'fulfilled', value: '>after' },
  ]);
});

test('a job that takes too long is ended', async () => {
  const impatient = open({ jobTimeLimitMs: 1500 });
  const jobs = Promise.allSettled(['spin', 'after'].map((job) => impatient.run(job, never)));
  expect(await jobs).toMatchObject([
    { status: 'rejected', reason: { reason: 'time_limit' } },
    { status: 'fulfilled', value: '>after' },
  ]);
});

test('refuses more than may wait, and drops what is not wanted any more', async () => {
  const short = open({ queueLimit: 1 });
  const unwanted = new AbortController();
  const jobs = Promise.allSettled([short.run('a', never), short.run('b', unwanted.signal), short.run('c', never)]);
  unwanted.abort(new Error('hung up'));
  expect(await jobs).toMatchObject([
    { status: 'fulfilled', value: '>a' },
    { status: 'rejected', reason: { message: 'hung up' } },
    { status: 'rejected', reason: { reason: 'busy' } },
  ]);
});

test('closing refuses what runs, what waits and what comes', async () => {
  const closing = open();
  const jobs = Promise.allSettled(['spin', 'a'].map((job) => closing.run(job, never)));
  await closing.close();
  for (const outcome of await jobs) expect(outcome).toMatchObject({ reason: { reason: 'closed' } });
  await expect(closing.run('b', never)).rejects.toMatchObject({ reason: 'closed' });
});
