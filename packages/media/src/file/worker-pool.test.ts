import { afterEach, describe, expect, test, vi } from 'vitest';
import { WorkerPool, type WorkerPoolOptions } from './worker-pool.ts';

// Worker threads and programs are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

// Answers with its thread's number; "spin" never answers, "exit" and "throw" die.
const script = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId } from 'node:worker_threads';
    parentPort.on('message', (job) => {
      if (job === 'spin') for (;;);
      if (job === 'exit') process.exit(1);
      if (job === 'throw') throw new Error('on purpose');
      parentPort.postMessage({ job, threadId });
    });
  `)}`,
);

type Answer = { job: string; threadId: number };

describe('worker pool', () => {
  let opened: WorkerPool<string, Answer> | undefined;
  const open = (options: Partial<WorkerPoolOptions> = {}) => {
    opened = new WorkerPool({ script, workers: 1, queueLimit: 10, jobTimeLimitMs: 30_000, ...options });
    return opened;
  };
  afterEach(() => opened?.close());

  test('does jobs in order on the workers it has', async () => {
    const single = open();
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map((job) => single.run(job)));
    await single.close();
    expect(answers.map(({ job }) => job)).toEqual(['a', 'b', 'c', 'd']);
    const shared = open({ workers: 2 });
    const many = await Promise.all(Array.from({ length: 10 }, (_, i) => shared.run(String(i))));
    expect(new Set(many.map(({ threadId }) => threadId)).size).toBe(2);
  });

  test('ends a job that takes too long, and goes on', async () => {
    const pool = open({ jobTimeLimitMs: 1500 });
    const run = (job: string) => pool.run(job);
    const spinning = run('spin');
    const after = run('after');
    await expect(spinning).rejects.toMatchObject({ reason: 'time_limit' });
    expect((await after).job).toBe('after');
  });

  test.each(['exit', 'throw'])('survives a worker that dies by %s', async (death) => {
    const pool = open();
    const run = (job: string) => pool.run(job);
    await expect(run(death)).rejects.toMatchObject({ reason: 'crashed' });
    expect((await run('after')).job).toBe('after');
  });

  test('refuses more than may wait', async () => {
    const pool = open({ queueLimit: 1 });
    const run = (job: string) => pool.run(job);
    const accepted = [run('a'), run('b')];
    await expect(run('c')).rejects.toMatchObject({ reason: 'busy' });
    expect((await Promise.all(accepted)).length).toBe(2);
  });

  test('closing refuses what runs, what waits and what comes', async () => {
    const closing = open();
    const jobs = [closing.run('spin'), closing.run('a')];
    const outcomes = Promise.allSettled(jobs);
    await closing.close();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { reason: 'closed' } });
    }
    await expect(closing.run('b')).rejects.toMatchObject({ reason: 'closed' });
  });
});
