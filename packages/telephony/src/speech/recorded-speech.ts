import { open, readFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { type AudioDecoder, UtteranceDetector, UtteranceMemory } from '@voxology/media';
import type { RecordingRow } from '@voxology/store';
import { spokenTimes } from './spoken-times.ts';

export interface RecordedUtterance {
  track: string;
  /** Since the beginning of the recording's sound. */
  startMs: number;
  endMs: number;
  samples: Int16Array;
  sampleRateHz: number;
}

export interface RecordedSpeechOptions {
  decoder: Pick<AudioDecoder, 'decodeChannels'>;
  /** Whoever speaks longer is cut there. */
  maxUtteranceMs: number;
}

/** A second of a recording, or what is left of it. */
interface Slice {
  channels: readonly Int16Array[];
  sampleRateHz: number;
}

const END_SILENCE_MS = 700;
const WAV_HEADER_BYTES = 44;
const SLICE_MS = 1000;
const FRAME_MS = 20;
const MP3_RATE_HZ = 8000;
/** An MP3 file is decoded whole: an hour of sound takes 58 MB for each channel. */
const MOST_MP3_MS = 3_600_000;

/**
 * What is said in a recording's file, in order, found second by second so that nothing else waits. Tracks of a file with two
 * channels: `caller` and `heard`; else `recording`.
 *
 * @throws when the file cannot be read or decoded.
 */
export async function* recordedSpeech(
  path: string,
  { format, channels }: Pick<RecordingRow, 'format' | 'channels'>,
  { decoder, maxUtteranceMs }: RecordedSpeechOptions,
): AsyncGenerator<RecordedUtterance> {
  const slices = format === 'wav' ? wavSlices(path, channels) : mp3Slices(path, channels, decoder);
  const tracks = channels === 2 ? ['caller', 'heard'] : ['recording'];
  const found: RecordedUtterance[] = [];
  const detectors = tracks.map((track) => new TrackDetector(track, maxUtteranceMs, found));
  for await (const slice of slices) {
    for (const [i, detector] of detectors.entries()) {
      const channel = slice.channels[i];
      if (channel !== undefined) detector.process(channel, slice.sampleRateHz);
    }
    yield* found.splice(0);
    await turn();
  }
  for (const detector of detectors) detector.close();
  yield* found.splice(0);
}

/** Finds the utterances of one channel. */
class TrackDetector {
  readonly #detector: UtteranceDetector;
  #positionMs = 0;
  #noticedMs = 0;

  constructor(track: string, maxUtteranceMs: number, found: RecordedUtterance[]) {
    // Both rates, 16 bits.
    const memory = new UtteranceMemory(maxUtteranceMs * 40);
    const options = { endSilenceMs: END_SILENCE_MS, maxUtteranceMs, tellUnfinished: true };
    this.#detector = new UtteranceDetector(options, memory, {
      started: () => {
        this.#noticedMs = this.#positionMs;
      },
      utterance: (samples, sampleRateHz) => {
        const soundMs = (samples.length * 1000) / sampleRateHz;
        found.push({ track, ...spokenTimes(this.#noticedMs, soundMs), samples, sampleRateHz });
      },
    });
  }

  process(samples: Int16Array, sampleRateHz: number): void {
    const n = (sampleRateHz * FRAME_MS) / 1000;
    for (let at = 0; at + n <= samples.length; at += n) {
      this.#positionMs += FRAME_MS;
      this.#detector.process(samples.subarray(at, at + n), n, sampleRateHz);
    }
  }

  close(): void {
    this.#detector.close();
  }
}

/** RIFF/WAVE with 16-bit PCM as we write it. */
async function* wavSlices(path: string, channels: number): AsyncGenerator<Slice> {
  const file = await open(path);
  try {
    const header = Buffer.alloc(WAV_HEADER_BYTES);
    const { bytesRead } = await file.read(header, 0, WAV_HEADER_BYTES, 0);
    const sampleRateHz = bytesRead < WAV_HEADER_BYTES ? 0 : header.readUInt32LE(24);
    if (sampleRateHz !== 8000 && sampleRateHz !== 16_000) throw new Error('the recording is no WAV file of ours');
    const piece = Buffer.alloc((sampleRateHz * SLICE_MS * channels * 2) / 1000);
    for (let at = WAV_HEADER_BYTES; ; at += piece.length) {
      const filled = await fill(file, piece, at);
      if (filled > 0) yield { channels: separate(piece, Math.floor(filled / 2 / channels), channels), sampleRateHz };
      if (filled < piece.length) return;
    }
  } finally {
    await file.close();
  }
}

/** Reads until the buffer is full or the file is over. */
async function fill(file: Awaited<ReturnType<typeof open>>, piece: Buffer, position: number): Promise<number> {
  let filled = 0;
  while (filled < piece.length) {
    const { bytesRead } = await file.read(piece, filled, piece.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

function separate(piece: Buffer, frames: number, channels: number): Int16Array[] {
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Int16Array(frames);
    for (let i = 0; i < frames; i++) samples[i] = piece.readInt16LE((i * channels + channel) * 2);
    return samples;
  });
}

async function* mp3Slices(
  path: string,
  channels: number,
  decoder: Pick<AudioDecoder, 'decodeChannels'>,
): AsyncGenerator<Slice> {
  const options = { contentType: 'audio/mpeg', maxDurationMs: MOST_MP3_MS, toSampleRateHz: MP3_RATE_HZ };
  const tracks = await decoder.decodeChannels(await readFile(path), channels, options);
  const sounds = tracks.map(({ samples }) => samples);
  const length = Math.max(...sounds.map((sound) => sound.length));
  const n = (MP3_RATE_HZ * SLICE_MS) / 1000;
  for (let at = 0; at < length; at += n)
    yield { channels: sounds.map((sound) => sound.subarray(at, at + n)), sampleRateHz: MP3_RATE_HZ };
}
