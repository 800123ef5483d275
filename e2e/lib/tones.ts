import { LINE_RATE_HZ } from './audio.ts';
import { until } from './bounded.ts';
import type { RtpPeer } from './rtp-peer.ts';

/** Tones that parties send, each its own: no overtone of one is another, no two of them make a telephone key. */
export const TONES_HZ = [430, 560, 1060, 1750, 2050, 2400] as const;
export const AMPLITUDE = 6_000;
/** 50 ms: long enough to tell the tones apart. */
const PIECE_SAMPLES = LINE_RATE_HZ / 20;
/** 20 ms: two in a row without a tone are a gap. */
const SHORT_SAMPLES = LINE_RATE_HZ / 50;
const MISSING_DB = -10;
/** A tone this far below what was sent is not there. */
const ABSENT_DB = -30;

/** A steady tone, with soft edges. */
export function tone(frequencyHz: number, durationMs: number): Int16Array {
  const samples = new Int16Array((LINE_RATE_HZ * durationMs) / 1000);
  for (let i = 0; i < samples.length; i++) {
    const edge = Math.min(1, (i + 1) / 80, (samples.length - i) / 80);
    samples[i] = Math.round(edge * AMPLITUDE * Math.sin((2 * Math.PI * frequencyHz * i) / LINE_RATE_HZ));
  }
  return samples;
}

/** Level of a sine of this frequency in the samples, in dB against {@link AMPLITUDE}. */
export function levelDb(samples: Int16Array, frequencyHz: number): number {
  const n = samples.length;
  let [re, im, weights] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const weight = 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / n);
    const sample = weight * (samples[i] ?? 0);
    re += sample * Math.cos((2 * Math.PI * frequencyHz * i) / LINE_RATE_HZ);
    im -= sample * Math.sin((2 * Math.PI * frequencyHz * i) / LINE_RATE_HZ);
    weights += weight;
  }
  return 20 * Math.log10((2 * Math.hypot(re, im)) / weights / AMPLITUDE + 1e-9);
}

/** Waits until this tone is on the line; gives where in `heard()` it was first found. */
export async function waitForTone(peer: RtpPeer, frequencyHz: number, from = 0, timeoutMs = 15_000): Promise<number> {
  let at = from;
  return until(
    `a tone of ${frequencyHz} Hz`,
    () => {
      const heard = peer.heard();
      for (; at + PIECE_SAMPLES <= heard.length; at += PIECE_SAMPLES) {
        if (levelDb(heard.subarray(at, at + PIECE_SAMPLES), frequencyHz) > -6) return at;
      }
      return undefined;
    },
    timeoutMs,
    50,
  );
}

/** Waits until the ringing tone of North America, 440 and 480 Hz at once, has been on the line for a fifth of a second. */
export async function waitForRinging(peer: RtpPeer, from: number, timeoutMs = 15_000): Promise<void> {
  const length = PIECE_SAMPLES * 4;
  let at = from;
  await until(
    'ringing',
    () => {
      const heard = peer.heard();
      for (; at + length <= heard.length; at += length) {
        const piece = heard.subarray(at, at + length);
        if ([440, 480].every((hz) => levelDb(piece, hz) > -10)) return true;
      }
      return undefined;
    },
    timeoutMs,
    50,
  );
}

/** Listens from now on for a while. */
export async function listen(peer: RtpPeer, durationMs: number): Promise<Int16Array> {
  const from = peer.heard().length;
  const to = from + (LINE_RATE_HZ * durationMs) / 1000;
  await peer.waitForHeard(to);
  return peer.heard().subarray(from, to);
}

/** Fails unless exactly these tones of {@link TONES_HZ} are in the samples, as {@link assertHearsTones} says. */
export function assertTones(who: string, samples: Int16Array, expectedHz: readonly number[]): void {
  const faults = [...strangeIn(samples, expectedHz), ...expectedHz.flatMap((hz) => faultsOf(samples, hz))];
  if (faults.length > 0)
    throw new Error(`${who} should hear ${expectedHz.join(', ') || 'no'} Hz: ${faults.join('; ')}`);
}

/** Seconds that a machine which stood still may spoil. */
const ATTEMPTS = 5;

/**
 * Listens, and fails unless exactly these tones of {@link TONES_HZ} are heard: each at the level it was sent with (1 dB),
 * without a gap of 40 ms, and none of the others. Where a jitter buffer adapts, the tone's phase jumps; that is no gap.
 * Our own phones are the first to falter on a busy machine: one faultless time of several is enough, but a tone of
 * somebody who must not be heard fails at once.
 */
export async function assertHearsTones(
  peer: RtpPeer,
  who: string,
  expectedHz: readonly number[],
  durationMs = 1_000,
): Promise<void> {
  let faults: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const samples = await listen(peer, durationMs);
    faults = strangeIn(samples, expectedHz);
    if (faults.length > 0) break;
    faults = expectedHz.flatMap((hz) => faultsOf(samples, hz));
    if (faults.length === 0) return;
  }
  throw new Error(`${who} should hear ${expectedHz.join(', ') || 'no'} Hz: ${faults.join('; ')}`);
}

function strangeIn(samples: Int16Array, expectedHz: readonly number[]): string[] {
  return TONES_HZ.filter((hz) => !expectedHz.includes(hz))
    .map((hz) => ({ hz, level: levelDb(samples, hz) }))
    .filter(({ level }) => level > ABSENT_DB)
    .map(({ hz, level }) => `${hz} Hz was heard (${level.toFixed(1)} dB)`);
}

function faultsOf(samples: Int16Array, frequencyHz: number): string[] {
  const faults: string[] = [];
  const level = medianOf(levels(samples, frequencyHz, PIECE_SAMPLES));
  if (Math.abs(level) > 1) faults.push(`${frequencyHz} Hz came with ${level.toFixed(1)} dB`);
  const short = levels(samples, frequencyHz, SHORT_SAMPLES);
  const gap = short.findIndex((one, i) => one < MISSING_DB && (short[i + 1] ?? 0) < MISSING_DB);
  if (gap >= 0) faults.push(`${frequencyHz} Hz was interrupted at ${gap * 20} ms`);
  return faults;
}

/** The level of the tone in each whole piece of this length. */
function levels(samples: Int16Array, frequencyHz: number, length: number): number[] {
  return Array.from({ length: Math.floor(samples.length / length) }, (_, i) =>
    levelDb(samples.subarray(i * length, (i + 1) * length), frequencyHz),
  );
}

function medianOf(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NEGATIVE_INFINITY;
}
