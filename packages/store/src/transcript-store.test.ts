import { expect, it } from 'vitest';
import type { Store } from './contract.ts';
import { withStore } from './testing/with-store.ts';
import type { TranscriptOpening } from './transcript-rows.ts';

let store: Store;
const appId = '11111111-1111-4111-8111-111111111111';

withStore((opened) => {
  store = opened;
});

const opening = (transcriptId: string, more: Partial<TranscriptOpening> = {}): TranscriptOpening => ({
  transcriptId,
  appId,
  callId: 'c@1',
  recordingId: null,
  hints: ['yes', 'no'],
  language: 'en-GB',
  startTimeMs: 1000,
  webhook: null,
  ...more,
});
const piece = (sequence: number, startMs: number, text: string) => ({
  sequence,
  track: 'caller',
  startMs,
  endMs: startMs + 500,
  text,
  confidence: 0.5,
});
const recording = (recordingId: string) => ({
  recordingId,
  appId,
  callId: 'c@1',
  name: null,
  file: `${recordingId}.wav`,
  format: 'wav' as const,
  channels: 1 as const,
  startTimeMs: 1000,
  webhook: null,
});

it('pieces are in the order in which they were said; what ended is not changed any more', async () => {
  await store.transcripts.begin(opening('t1'));
  await store.transcripts.add('t1', piece(1, 900, 'second\0'));
  await store.transcripts.add('t1', piece(2, 100, 'first'));
  await store.transcripts.add('t1', piece(2, 100, 'again'));
  expect(await store.transcripts.unfinishedOfCalls()).toEqual(['t1']);
  await store.transcripts.finish('t1', { status: 'ready', error: null });
  await store.transcripts.finish('t1', { status: 'failed', error: 'too late' });
  const row = {
    ...opening('t1'),
    status: 'ready',
    error: null,
    pieces: [piece(2, 100, 'first'), piece(1, 900, 'second␀')],
    webhookState: 'none',
    webhookError: null,
  };
  expect(await store.transcripts.get('t1')).toEqual(row);
  expect(await store.transcripts.ofCall(appId, 'c@1')).toEqual([row]);
  expect(await store.transcripts.ofCall('no uuid', 'c@1')).toEqual([]);
  expect(await store.transcripts.unfinishedOfCalls()).toEqual([]);
  expect(await store.transcripts.get('none')).toBeNull();
});

it('a recording is written down after its end, once, and takes its transcript with it', async () => {
  await store.recordings.begin(recording('r1'));
  await store.transcripts.begin(opening('t2', { recordingId: 'r1', callId: 'c@2' }));
  expect(await store.transcripts.nextRecording()).toBeNull();
  await store.recordings.finish('r1', { durationMs: 1, bytes: 1, sha256: 'ab' });
  expect(await store.transcripts.nextRecording()).toEqual({
    transcriptId: 't2',
    recordingId: 'r1',
    hints: ['yes', 'no'],
    language: 'en-GB',
  });
  await store.transcripts.add('t2', piece(1, 1, 'half'));
  await store.transcripts.clear('t2');
  await store.transcripts.add('t2', piece(1, 1, 'whole'));
  await store.transcripts.finish('t2', { status: 'ready', error: null });
  expect(await store.transcripts.nextRecording()).toBeNull();
  expect((await store.transcripts.get('t2'))?.pieces).toEqual([piece(1, 1, 'whole')]);
  await store.recordings.remove('r1');
  await store.transcripts.add('t2', piece(2, 1, 'too late'));
  expect(await store.transcripts.get('t2')).toBeNull();
});

it('those of a call that are over can be taken away', async () => {
  for (const id of ['d1', 'd2']) await store.transcripts.begin(opening(id, { callId: 'c@3' }));
  await store.transcripts.add('d1', piece(1, 1, 'secret'));
  await store.transcripts.finish('d1', { status: 'ready', error: null });
  expect(await store.transcripts.removeOfCall('no uuid', 'c@3')).toBe(0);
  expect(await store.transcripts.removeOfCall('22222222-2222-4222-8222-222222222222', 'c@3')).toBe(0);
  expect(await store.transcripts.removeOfCall(appId, 'c@3')).toBe(1);
  expect((await store.transcripts.ofCall(appId, 'c@3')).map(({ transcriptId }) => transcriptId)).toEqual(['d2']);
});

it('a webhook waits for the end, and is kept until it is delivered or given up', async () => {
  const webhook = { url: 'https://example.com/', failoverUrl: null, call: { caller_no: '+1' } };
  for (const id of ['w1', 'w2']) await store.transcripts.begin(opening(id, { webhook }));
  expect(await store.transcripts.pendingWebhooks()).toEqual([]);
  await store.transcripts.finish('w1', { status: 'ready', error: null });
  await store.transcripts.finish('w2', { status: 'failed', error: 'it broke' });
  expect((await store.transcripts.pendingWebhooks()).sort()).toEqual(['w1', 'w2']);
  await store.transcripts.webhookDelivered('w1');
  await store.transcripts.webhookFailed('w2', 'no\0body');
  expect(await store.transcripts.pendingWebhooks()).toEqual([]);
  expect(await store.transcripts.get('w2')).toMatchObject({ webhookState: 'failed', webhookError: 'no␀body' });
});
