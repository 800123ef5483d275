import type { RecordingRow, Store } from '@voxology/store';
import { beforeEach, expect, test } from 'vitest';
import { CallLogs } from '../call/call-logs.ts';
import { MemoryStore } from '../testing/memory-store.ts';
import { recordingWebhooks } from './recording-webhooks.ts';

const row: RecordingRow = {
  recordingId: 'c1.1',
  appId: 'a',
  callId: 'c1',
  name: 'message',
  file: 'day/x.wav',
  format: 'wav',
  channels: 2,
  startTimeMs: 0,
  status: 'ready',
  hasTranscript: true,
  durationMs: 500,
  bytes: 8044,
  sha256: 'ab',
  error: null,
  webhook: { url: 'http://one.example/', failoverUrl: 'http://two.example/', call: { call_id: 'c1', caller_no: '+1' } },
  webhookState: 'pending',
  webhookError: null,
};
let store: MemoryStore;
let logs: CallLogs;
let books: string[];
let known: RecordingRow | null;
let sent: { urls: (string | undefined)[]; body: object }[];
let failure: Error | null;

beforeEach(() => {
  store = new MemoryStore();
  logs = new CallLogs(store.events);
  [books, known, sent, failure] = [[], row, [], null];
  const recordings = {
    get: async () => known,
    webhookDelivered: async (id: string) => void books.push(`${id} delivered`),
    webhookFailed: async (id: string, error: string) => void books.push(`${id} failed: ${error}`),
  };
  const all = { jobs: store.jobs, calls: store.calls, recordings } as unknown as Store;
  const client: Parameters<typeof recordingWebhooks>[1]['client'] = {
    deliver: async (target, failover, body, log) => {
      log.note('http', 'attempt', {}, 0);
      if (failure !== null) throw failure;
      sent.push({ urls: [target.url, failover?.url], body });
    },
  };
  recordingWebhooks(all, { client, logs });
});

const attempt = (number: number) =>
  store.tasks.get('recording_webhook')?.(
    { id: 'c1.1' },
    { jobId: '1', attempt: number, maxAttempts: 20, signal: new AbortController().signal },
  );

test('says what is known of the recording and of its call', async () => {
  store.rows.set('c1', { endTimeMs: 9 } as never);
  await attempt(1);
  const recording = {
    id: 'c1.1',
    name: 'message',
    call_id: 'c1',
    status: 'ready',
    format: 'wav',
    channels: 2,
    start_time: '1970-01-01T00:00:00.000Z',
    duration: 500,
    bytes: 8044,
    sha256: 'ab',
    audio: '/v1/Recordings/c1.1/Audio',
    transcript: '/v1/Recordings/c1.1/Transcript',
    error: null,
  };
  const urls = ['http://one.example/', 'http://two.example/'];
  expect(sent).toEqual([{ urls, body: { type: 'recording_ready', call_id: 'c1', caller_no: '+1', recording } }]);
  expect(books).toEqual(['c1.1 delivered']);
  expect(store.log.map(({ callId, seq }) => [callId, seq])).toEqual([['c1', 1]]);
});

test('a recording that came to nothing is told of too; what nobody takes is given up in the end', async () => {
  known = { ...row, status: 'failed', durationMs: null, bytes: null, sha256: null, error: 'the disk is full' };
  failure = new Error('refused');
  await expect(attempt(19)).rejects.toThrow('refused');
  await expect(attempt(20)).rejects.toThrow('refused');
  expect(books).toEqual(['c1.1 failed: refused']);
  failure = null;
  await attempt(21);
  const recording = { status: 'failed', error: 'the disk is full', audio: null };
  expect(sent).toMatchObject([{ body: { type: 'recording_failed', recording } }]);
});

test.each([
  ['was deleted', null],
  ['was told of already', { ...row, webhookState: 'delivered' as const }],
  ['has no webhook', { ...row, webhook: null }],
])('nobody is told of one that %s', async (_, now) => {
  known = now;
  await attempt(1);
  expect([sent, books]).toEqual([[], []]);
});

test('the log of a live call is counted by the process that has the call', async () => {
  store.rows.set('c1', { endTimeMs: null } as never);
  await attempt(1);
  expect(store.log).toEqual([]);
  const log = logs.begin('c1');
  log.note('sip', 'a', {}, 0);
  await attempt(1);
  expect(store.log.map(({ seq }) => seq)).toEqual([1, 2]);
});
