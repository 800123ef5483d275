import { type EndCallback, StoreError } from '@voxology/store';
import { beforeEach, expect, test } from 'vitest';
import { CallLogs } from '../call/call-logs.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import type { Deliveries } from './deliveries.ts';
import { endCallbacks, endDelivery } from './end-callbacks.ts';

const callback: EndCallback = {
  target: { url: 'http://flow.example/', method: 'POST', contentType: 'application/json' },
  failover: null,
  body: { type: 'end_call' },
};
let store: MemoryStore;
let delivered: unknown[];
let failure: Error | null;
let deliveries: Deliveries;

beforeEach(async () => {
  store = new MemoryStore();
  [delivered, failure] = [[], null];
  deliveries = endCallbacks(store.asStore(), {
    client: {
      deliver: async (_target, _failover, body, log) => {
        log.note('http', 'attempt', {}, 0);
        if (failure !== null) throw failure;
        delivered.push(body);
      },
    },
    logs: new CallLogs(store.events),
  });
  store.rows.set('c1', { callId: 'c1', endCallback: callback, endCallbackState: 'pending' } as never);
});

const send = () => deliveries.send('c1', endDelivery('c1', callback));
const retry = (attempt: number, payload: object = { id: 'c1' }) =>
  store.tasks.get('end_callback')?.(payload, {
    jobId: '1',
    attempt,
    maxAttempts: 20,
    signal: new AbortController().signal,
  });

test('is delivered once in the good case', async () => {
  await send();
  await retry(1);
  expect(delivered).toHaveLength(1);
  expect(store.row.endCallbackState).toBe('delivered');
  expect(store.jobsAdded).toEqual([]);
});

test('becomes a job when nobody takes it, and the job is tried until it is taken; all in the log of the call', async () => {
  failure = new Error('refused');
  await send();
  expect(store.jobsAdded).toEqual([{ id: 'c1' }]);
  await expect(retry(1)).rejects.toThrow('refused');
  expect(store.row.endCallbackState).toBe('pending');
  failure = null;
  await retry(2);
  expect([delivered.length, store.row.endCallbackState]).toEqual([1, 'delivered']);
  expect(store.log.map(({ seq }) => seq)).toEqual([1, 2, 3]);
});

test('a job of the first version is known', async () => {
  await retry(1, { callId: 'c1' });
  expect(store.row.endCallbackState).toBe('delivered');
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
  await send();
  expect(store.jobsAdded).toHaveLength(1);
  store.refuse.jobs = new StoreError('closed', 'closed');
  await expect(send()).rejects.toThrow('closed');
});
