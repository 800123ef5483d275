import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallInfo } from '@voxology/callflow';
import { writeWav } from '@voxology/media';
import { type Store, StoreError } from '@voxology/store';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Recordings } from './recordings.ts';

let dir: string;
beforeEach(async () => {
  [told, errors, transcribed] = [[], [], []];
  enqueue = async (id) => void told.push(id);
  dir = await mkdtemp(join(tmpdir(), 'recordings-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

let transcribed: string[];
let told: string[];
let errors: unknown[];
let enqueue: (id: string) => Promise<void>;

function recordings(books: object): Recordings {
  const store = { recordings: books } as unknown as Pick<Store, 'recordings'>;
  const limits = { dir, maxDurationMs: 60_000, maxBytes: 1_000_000 };
  return new Recordings({
    store,
    webhooks: { enqueue },
    transcripts: {
      begin: async ({ recordingId, hints, language }) =>
        void transcribed.push(`begin ${recordingId} ${hints} ${language}`),
      wake: () => void transcribed.push('wake'),
    },
    limits,
    nowMs: () => 0,
    onError: (error) => errors.push(error),
  });
}

test('a file that has its own name already is the recording', async () => {
  await mkdir(join(dir, 'day'));
  const sound = writeWav(new Int16Array(4000), 8000);
  await writeFile(join(dir, 'day/whole.wav'), sound);
  await writeFile(join(dir, 'day/part.wav.part'), sound);
  const files = ['day/whole.wav', 'day/part.wav', 'day/none.wav', 'gone/none.mp3'];
  const books: unknown[] = [];
  await recordings({
    unfinished: async () => files.map((file) => ({ recordingId: file, file })),
    finish: async (id: string, ending: object) => void books.push([id, ending]),
    fail: async (id: string) => void books.push([id, 'failed']),
    pendingWebhooks: async () => ['day/whole.wav'],
  }).recover();
  const ending = { bytes: 8044, durationMs: 500, sha256: createHash('sha256').update(sound).digest('hex') };
  expect(books).toEqual([
    ['day/whole.wav', ending],
    ['day/part.wav', ending],
    ['day/none.wav', 'failed'],
    ['gone/none.mp3', 'failed'],
  ]);
  expect(told).toEqual(['day/whole.wav']);
  expect(transcribed).toEqual(['wake']);
});

test.each([
  ['the store has no room', new StoreError('overloaded', 'no room')],
  ['the database is away', Object.assign(new Error('no connection'), { code: 'ECONNREFUSED' })],
])('the end is entered again while %s', async (_, refusal) => {
  let asked = 0;
  const finish = async () => {
    asked += 1;
    if (asked === 1) throw refusal;
  };
  const end = { recordingId: 'r', reason: 'stopped', durationMs: 1, bytes: 1, sha256: '', error: null } as const;
  expect(await recordings({ finish }).end(end)).toBe(null);
  expect(asked).toBe(2);
});

test('what a full disk broke off is kept, and why is told', async () => {
  const endings: unknown[] = [];
  const all = recordings({ finish: async (_id: string, ending: unknown) => void endings.push(ending) });
  const error = { reason: 'disk_full', message: `The disk is full: ${join(dir, 'day/part.wav')}` } as const;
  const end = { recordingId: 'r', reason: 'error', durationMs: 1, bytes: 9, sha256: 'ab', error } as const;
  const told = 'The disk is full: day/part.wav';
  expect(await all.end(end)).toBe(told);
  expect(endings).toEqual([{ durationMs: 1, bytes: 9, sha256: 'ab', error: told }]);
});

test('who is to be told is told once, when the books know the end', async () => {
  const books: string[] = [];
  const all = recordings({
    begin: async ({ recordingId, webhook }: { recordingId: string; webhook: object | null }) =>
      void books.push(`${recordingId} ${JSON.stringify(webhook)}`),
    finish: async (id: string) => void books.push(`${id} ends, told: ${told.length}`),
    fail: async (id: string) => void books.push(`${id} fails, told: ${told.length}`),
  });
  const call = { appId: 'a', subaccountId: '0', callId: 'c', direction: 'inbound', callerNo: '+1', apiNo: '+2' };
  const begin = (recordingId: string, webhook: object | null) =>
    all.begin(call as CallInfo, { recordingId, webhook, format: 'wav', channels: 1 } as never);
  const end = (recordingId: string, bytes: number) =>
    all.end({ recordingId, reason: 'stopped', durationMs: 1, bytes, sha256: 'ab', error: null });
  const webhook = { url: 'https://example.com/', failoverUrl: null };
  await begin('r1', webhook);
  await begin('r2', null);
  await begin('r3', webhook);
  for (const [id, bytes] of [['r1', 9] as const, ['r2', 9] as const, ['r3', 0] as const]) await end(id, bytes);
  await end('r1', 9);
  const facts = { app_id: 'a', subaccount_id: '0', call_id: 'c', direction: 'inbound', caller_no: '+1', api_no: '+2' };
  const kept = JSON.stringify({ ...webhook, call: facts });
  expect(books.slice(0, 3)).toEqual([`r1 ${kept}`, 'r2 null', `r3 ${kept}`]);
  expect(books.slice(3, 6)).toEqual(['r1 ends, told: 0', 'r2 ends, told: 1', 'r3 fails, told: 1']);
  expect(told).toEqual(['r1', 'r3']);
});

test('what the flow asks of the recording is what the media session is told', async () => {
  const all = recordings({ begin: async () => undefined });
  const call = { appId: 'a', callId: 'c' } as CallInfo;
  const asked = { recordingId: 'r', name: null, format: 'wav', channels: 2, webhook: null, silenceMs: null };
  const told = await all.begin(call, { ...asked, callerOnly: false, maskDigits: true } as never);
  expect(told).toMatchObject({ channels: 2, farOnly: false, suppressDigits: true, trimSilence: false });
  const message = await all.begin(call, {
    ...asked,
    channels: 1,
    callerOnly: true,
    maskDigits: false,
    silenceMs: 4000,
  } as never);
  expect(message).toMatchObject({ farOnly: true, suppressDigits: false, trimSilence: true, silenceTimeoutMs: 4000 });
});

test('one that is to be written down is, once it is over', async () => {
  const all = recordings({ begin: async () => undefined, finish: async () => undefined, fail: async () => undefined });
  for (const [recordingId, transcribe] of [
    ['r1', true],
    ['r2', false],
  ]) {
    const asked = {
      recordingId,
      transcribe,
      hints: ['yes'],
      language: 'en',
      webhook: null,
      format: 'wav',
      channels: 1,
    };
    await all.begin({} as CallInfo, asked as never);
  }
  const end = { reason: 'stopped', durationMs: 1, bytes: 9, sha256: 'ab', error: null } as const;
  await all.end({ ...end, recordingId: 'r2' });
  expect(transcribed).toEqual(['begin r1 yes en']);
  await all.end({ ...end, recordingId: 'r1' });
  await all.fail('r1', 'again');
  expect(transcribed).toEqual(['begin r1 yes en', 'wake']);
});

test('a webhook that cannot be queued changes nothing for the recording', async () => {
  enqueue = () => Promise.reject(new StoreError('closed', 'closed'));
  const all = recordings({ begin: async () => undefined, finish: async () => undefined });
  const webhook = { url: 'https://example.com/', failoverUrl: null };
  await all.begin({} as CallInfo, { recordingId: 'r1', webhook, format: 'wav', channels: 1 } as never);
  expect(
    await all.end({ recordingId: 'r1', reason: 'stopped', durationMs: 1, bytes: 9, sha256: 'ab', error: null }),
  ).toBe(null);
  expect(errors).toMatchObject([{ code: 'closed' }]);
});
