import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resample, writeWav } from '@voxology/media';
import { FliteProvider, SpeechError, type Utterance } from '@voxology/speech';
import type { RecordingRow, Store, TranscriptEnding, TranscriptPiece } from '@voxology/store';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { RecordingTranscripts } from './recording-transcripts.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const RATE_HZ = 8000;
let dir: string;
let speech: Int16Array;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'transcripts-'));
  const flite = new FliteProvider({ workers: 1 });
  const request = { text: 'Sales, please.', voice: 'rms' };
  const { samples, sampleRateHz } = await flite.synthesize(request, new AbortController().signal);
  await flite.close();
  speech = resample(samples, sampleRateHz, RATE_HZ);
  await writeFile(join(dir, 'one.wav'), writeWav(sound(1, true, 2, true, 1), RATE_HZ));
  await writeFile(join(dir, 'two.wav'), stereo(sound(1, true, 5), sound(4, true)));
  await writeFile(join(dir, 'bad.wav'), 'RIFF');
});
afterAll(() => rm(dir, { recursive: true }));

/** Seconds of silence, and speech. */
function sound(...parts: (number | true)[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => (part === true ? [...speech] : [...new Int16Array(part * RATE_HZ)])));
}

/** A WAV file as recordings with two channels are. */
function stereo(left: Int16Array, right: Int16Array): Uint8Array {
  const mixed = new Int16Array(2 * Math.max(left.length, right.length));
  for (let i = 0; i < mixed.length / 2; i++) mixed.set([left[i] ?? 0, right[i] ?? 0], 2 * i);
  const file = Buffer.from(writeWav(mixed, RATE_HZ));
  file.writeUInt16LE(2, 22);
  file.writeUInt32LE(RATE_HZ * 4, 28);
  file.writeUInt16LE(4, 32);
  return file;
}

type Ended = TranscriptEnding & { pieces: TranscriptPiece[] };

let asked: (Utterance & { owner: string })[];
let answer: (utterance: Utterance) => Promise<{ text: string; confidence: number | null }>;
let refusal: string | null;
let errors: unknown[];

beforeEach(() => {
  [asked, refusal, errors] = [[], null, []];
  answer = async () => ({ text: `said ${asked.length}`, confidence: 0.5 });
});

/** What becomes of the transcript of a recording with this file. */
async function written(file: string, row: Partial<RecordingRow> = {}): Promise<Ended> {
  const pieces: TranscriptPiece[] = [];
  const ended = Promise.withResolvers<Ended>();
  let isWaiting = true;
  let kept = Promise.resolve();
  const store = {
    recordings: { get: async () => ({ appId: 'app', file, format: 'wav', channels: 1, status: 'ready', ...row }) },
    transcripts: {
      nextRecording: async () =>
        isWaiting ? { transcriptId: 'r', recordingId: 'r', hints: ['sales'], language: 'en-GB' } : null,
      clear: async () => void pieces.splice(0),
    },
  } as unknown as Pick<Store, 'recordings' | 'transcripts'>;
  const transcripts = new RecordingTranscripts({
    store,
    transcripts: {
      begin: async () => undefined,
      keep: (working) => {
        kept = working;
      },
      add: async (_, piece) => void pieces.push(piece),
      finish: async (_, ending) => {
        isWaiting = false;
        ended.resolve({ ...ending, pieces });
      },
    },
    recognition: {
      refusal: async (language) => (language === 'en-GB' ? refusal : `${language} was asked for`),
      recognize: (owner, utterance) => {
        asked.push({ ...utterance, owner });
        return answer(utterance);
      },
    },
    decoder: {
      decodeChannels: async (_, channels) =>
        [sound(1, true, 5), sound(4, true)].slice(0, channels).map((samples) => {
          return { samples: shared(samples), sampleRateHz: RATE_HZ, durationMs: 0 };
        }),
    },
    dir,
    maxUtteranceMs: 15_000,
    onError: (error) => errors.push(error),
  });
  transcripts.wake();
  transcripts.wake();
  const outcome = await ended.promise;
  transcripts.stop();
  await kept;
  return outcome;
}

function shared(samples: Int16Array): Int16Array<SharedArrayBuffer> {
  const all = new Int16Array(new SharedArrayBuffer(samples.length * 2));
  all.set(samples);
  return all;
}

test('utterances are found and recognised in order, also the one that the end cuts short', async () => {
  const { pieces, ...ending } = await written('one.wav');
  expect(ending).toEqual({ status: 'ready', error: null });
  expect(pieces.map(({ sequence, track, text }) => [sequence, track, text])).toEqual([
    [1, 'recording', 'said 1'],
    [2, 'recording', 'said 2'],
  ]);
  const speechMs = (speech.length * 1000) / RATE_HZ;
  for (const [i, beginsMs] of [1000, 3000 + speechMs].entries()) {
    const piece = pieces[i];
    expect(Math.abs((piece?.startMs ?? 0) - beginsMs)).toBeLessThan(400);
    expect(Math.abs((piece?.endMs ?? 0) - beginsMs - speechMs)).toBeLessThan(600);
  }
  expect(asked[0]).toMatchObject({
    owner: 'app recordings',
    hints: ['sales'],
    language: 'en-GB',
    sampleRateHz: RATE_HZ,
  });
  expect(errors).toEqual([]);
});

test('the channels of a recording are tracks of their own', async () => {
  const { pieces } = await written('two.wav', { channels: 2 });
  expect(pieces.map(({ track }) => track)).toEqual(['caller', 'heard']);
});

test('an MP3 file is decoded first', async () => {
  const { pieces } = await written('one.wav', { format: 'mp3' });
  expect(pieces.map(({ track, text }) => [track, text])).toEqual([['recording', 'said 1']]);
  const two = await written('one.wav', { format: 'mp3', channels: 2 });
  expect(two.pieces.map(({ track }) => track)).toEqual(['caller', 'heard']);
});

test('what is not understood is left out, what is not recognised is told of', async () => {
  answer = async () => ({ text: '', confidence: null });
  expect(await written('one.wav')).toEqual({ status: 'ready', error: null, pieces: [] });
  answer = async () => {
    if (asked.length === 4) return { text: 'yes', confidence: null };
    throw new SpeechError('time_limit', 'it took too long');
  };
  expect(await written('one.wav')).toMatchObject({
    status: 'ready',
    error: 'not recognised: 1 of 2 utterances, the last because it took too long',
    pieces: [{ text: 'yes', sequence: 1 }],
  });
});

test.each([
  ['no recogniser', 'one.wav', {}, 'install one'],
  [
    'no recording',
    'one.wav',
    { status: 'failed', error: 'the disk was full' },
    'there is no recording: the disk was full',
  ],
  ['a file that is gone', 'gone.wav', {}, 'ENOENT'],
  ['a file that is none of ours', 'bad.wav', {}, 'no WAV file of ours'],
] as const)('%s: the transcript fails, and says why', async (what, file, row, reason) => {
  if (what === 'no recogniser') refusal = reason;
  expect(await written(file, row)).toEqual({ status: 'failed', error: expect.stringContaining(reason), pieces: [] });
  expect(errors).toEqual([]);
});
