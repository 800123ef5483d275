import { expect, it } from 'vitest';
import type { Store } from './contract.ts';
import { withStore } from './testing/with-store.ts';

let store: Store;
const appId = '11111111-1111-4111-8111-111111111111';

withStore((opened) => {
  store = opened;
});

const opening = (recordingId: string, startTimeMs: number, callId = 'c@1') => ({
  recordingId,
  appId,
  callId,
  name: 'message',
  file: `2026/${recordingId}.wav`,
  format: 'wav' as const,
  channels: 2 as const,
  startTimeMs,
  webhook: null,
});

it('recordings are begun, finished or failed, listed and removed', async () => {
  await store.recordings.begin(opening('r1', 1000));
  await store.recordings.begin(opening('r2', 2000));
  await store.recordings.begin(opening('r3', 3000, 'c@2'));
  await store.recordings.finish('r1', { durationMs: 5_000_000_000, bytes: 80_000, sha256: 'ab' });
  await store.recordings.fail('r2', 'the disk is full');
  expect(await store.recordings.get('r1')).toEqual({
    ...opening('r1', 1000),
    status: 'ready',
    hasTranscript: false,
    durationMs: 5_000_000_000,
    bytes: 80_000,
    sha256: 'ab',
    error: null,
    webhookState: 'none',
    webhookError: null,
  });
  await store.recordings.begin(opening('r4', 500));
  await store.recordings.finish('r4', { durationMs: 1, bytes: 1, sha256: 'ab', error: 'the disk is full' });
  expect(await store.recordings.get('r4')).toMatchObject({ status: 'ready', error: 'the disk is full' });
  expect(await store.recordings.remove('r4')).toBe(true);
  expect(await store.recordings.get('r2')).toMatchObject({ status: 'failed', error: 'the disk is full' });
  expect((await store.recordings.unfinished()).map(({ recordingId }) => recordingId)).toEqual(['r3']);
  const ids = async (filter: object) =>
    (await store.recordings.list({ appId, limit: 10, ...filter })).map(({ recordingId }) => recordingId);
  expect(await ids({})).toEqual(['r3', 'r2', 'r1']);
  expect(await ids({ callId: 'c@1', limit: 1 })).toEqual(['r2']);
  expect(await ids({ beforeTimeMs: 2000 })).toEqual(['r1']);
  expect(await ids({ appId: 'no uuid' })).toEqual([]);
  expect(await store.recordings.remove('r1')).toBe(true);
  expect(await store.recordings.remove('r1')).toBe(false);
  expect(await store.recordings.get('r1')).toBeNull();
});

it('those that began at the same moment are in order, and none is missing on the next page', async () => {
  for (const id of ['t3', 't1', 't4', 't2']) await store.recordings.begin(opening(id, 7000, 'c@ties'));
  await store.recordings.begin(opening('t0', 6000, 'c@ties'));
  const page = async (filter: object) =>
    (await store.recordings.list({ appId, callId: 'c@ties', limit: 2, ...filter })).map((row) => row.recordingId);
  expect(await page({})).toEqual(['t1', 't2']);
  expect(await page({ beforeTimeMs: 7000, beforeId: 't2' })).toEqual(['t3', 't4']);
  expect(await page({ beforeTimeMs: 7000, beforeId: 't4' })).toEqual(['t0']);
  expect(await page({ beforeTimeMs: 6000, beforeId: 't0' })).toEqual([]);
  expect(await page({ beforeTimeMs: 7000 })).toEqual(['t0']);
});

it('a webhook waits for the end of its recording, and is kept until it is delivered or given up', async () => {
  const webhook = { url: 'https://example.com/', failoverUrl: null, call: { caller_no: '+1\0' } };
  for (const id of ['w1', 'w2', 'w3']) await store.recordings.begin({ ...opening(id, 5000), webhook });
  await store.recordings.begin(opening('w4', 5000));
  expect(await store.recordings.pendingWebhooks()).toEqual([]);
  for (const id of ['w1', 'w4']) await store.recordings.finish(id, { durationMs: 1, bytes: 1, sha256: 'ab' });
  for (const id of ['w2', 'w3']) await store.recordings.fail(id, 'nothing was recorded');
  expect((await store.recordings.pendingWebhooks()).sort()).toEqual(['w1', 'w2', 'w3']);
  await store.recordings.webhookDelivered('w1');
  await store.recordings.webhookFailed('w2', 'no\0body');
  expect(await store.recordings.pendingWebhooks()).toEqual(['w3']);
  expect(await store.recordings.get('w1')).toMatchObject({
    webhook: { ...webhook, call: { caller_no: '+1␀' } },
    webhookState: 'delivered',
  });
  expect(await store.recordings.get('w2')).toMatchObject({ webhookState: 'failed', webhookError: 'no␀body' });
});
