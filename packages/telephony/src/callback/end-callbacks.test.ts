import { type EndCallback, StoreError } from '@voxology/store';
import { beforeEach, expect, test } from 'vitest';
import { CallLog } from '../call/call-log.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { EndCallbacks } from './end-callbacks.ts';

const callback: EndCallback = {
  target: { url: 'http://flow.example/', method: 'POST', contentType: 'application/json' },
  failover: null,
  body: { type: 'end_call' },
};
let store: MemoryStore;
let delivered: unknown[];
let failure: Error | null;
let endCallbacks: EndCallbacks;
let log: CallLog;

beforeEach(async () => {
  store = new MemoryStore();
  [delivered, failure] = [[], null];
  endCallbacks = new EndCallbacks(store.asStore(), {
    deliver: async (_target, _failover, body) => {
      if (failure !== null) throw failure;
      delivered.push(body);
    },
  });
  log = new CallLog('c1', store.events);
  store.rows.set('c1', { callId: 'c1', endCallback: callback, endCallbackState: 'pending' } as never);
});

const retry = (attempt: number) =>
  store.tasks.get('end_callback')?.(
    { callId: 'c1' },
    { jobId: '1', attempt, maxAttempts: 20, signal: new AbortController().signal },
  );

test('is delivered once in the good case', async () => {
  await endCallbacks.send('c1', callback, log);
  await retry(1);
  expect(delivered).toHaveLength(1);
  expect(store.row.endCallbackState).toBe('delivered');
  expect(store.jobsAdded).toEqual([]);
});

test('becomes a job when nobody takes it, and the job is tried until it is taken', async () => {
  failure = new Error('refused');
  await endCallbacks.send('c1', callback, log);
  expect(store.jobsAdded).toEqual([{ callId: 'c1' }]);
  log.note('sip', 'failed', {}, 0);
  expect(store.log).toEqual([]);
  await expect(retry(1)).rejects.toThrow('refused');
  expect(store.row.endCallbackState).toBe('pending');
  failure = null;
  await retry(2);
  expect([delivered.length, store.row.endCallbackState]).toEqual([1, 'delivered']);
});

test('is given up after the last attempt, with the reason', async () => {
  failure = new Error('refused');
  await expect(retry(20)).rejects.toThrow('refused');
  expect(store.row).toMatchObject({ endCallbackState: 'failed', endCallbackError: 'refused' });
});

test('is offered to the queue again while the database is away, not when it is closed', async () => {
  failure = new Error('refused');
  store.refuse.jobs = new Error('no database');
  setTimeout(() => {
    delete store.refuse.jobs;
  }, 50);
  await endCallbacks.send('c1', callback, log);
  expect(store.jobsAdded).toHaveLength(1);
  store.refuse.jobs = new StoreError('closed', 'closed');
  await expect(endCallbacks.send('c1', callback, log)).rejects.toThrow('closed');
});
