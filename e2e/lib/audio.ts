import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crossCorrelation } from './fft.ts';
import { throughUlaw } from './g711.ts';
import { writeWav } from './wav.ts';

export const LINE_RATE_HZ = 8_000;
/** Correlation from which two sounds are the same sentence; short sentences with the same first word come up to 0.8. */
export const SAME = 0.9;
/** Difference in correlation between two hearings of the same sound that means nothing. */
const SAME_AGAIN = 0.03;
/** Samples within which two places are one. */
const NEIGHBOURHOOD = LINE_RATE_HZ / 50;
/** Root mean square of 20 ms above which something is heard that nobody asked for. */
const LOUD_RMS = 400;

export interface Found {
  /** Sample of `heard` at which the prompt starts. */
  offset: number;
  /** Normalised correlation, 1 for the same sound at any loudness. */
  correlation: number;
}

/** A sentence that should have been heard, as 8 kHz samples. */
export interface ExpectedPrompt {
  text: string;
  samples: Int16Array;
}

/**
 * Where `expected` (8 kHz, before µ-law) sounds in `heard`, from sample `from` on. Silence around the expected sound is
 * cut first, so that a different length of silence does not matter.
 */
export function findPrompt(heard: Int16Array, expected: Int16Array, from = 0): Found {
  const { start, end } = soundOf(expected);
  const pattern = throughUlaw(expected.subarray(start, end));
  const signal = heard.subarray(from);
  if (pattern.length === 0) throw new Error('the expected prompt is silent');
  if (signal.length < pattern.length) return { offset: -1, correlation: 0 };
  const products = crossCorrelation(signal, pattern);
  const energy = energySums(signal);
  const patternEnergy = Math.sqrt(sumOfSquares(pattern));
  let best: Found = { offset: -1, correlation: 0 };
  let bestAt = 0;
  for (let at = 0; at + pattern.length <= signal.length; at++) {
    const here = Math.sqrt((energy[at + pattern.length] ?? 0) - (energy[at] ?? 0));
    // Near-silence correlates with anything: such places cannot hold the prompt.
    if (here < patternEnergy / 20) continue;
    const correlation = (products[at] ?? 0) / (here * patternEnergy);
    // What is heard twice is found where it is heard first, though the second time fits a hair better.
    const needed = at < bestAt + NEIGHBOURHOOD ? best.correlation : best.correlation + SAME_AGAIN;
    if (correlation > needed) {
      best = { offset: from + at - start, correlation };
      bestAt = at;
    }
  }
  return best;
}

/**
 * Like {@link findPrompt} for a recording whose clock drifts or skips (a softphone's file): the prompt is looked for
 * piece by piece, each near where the one before ended. The correlation is the mean weighted by energy.
 */
export function findPromptInPieces(heard: Int16Array, expected: Int16Array, from = 0): Found {
  const pieceLength = LINE_RATE_HZ / 4;
  const slack = LINE_RATE_HZ / 10;
  const { start, end } = soundOf(expected);
  const anchor = findPrompt(heard, expected.subarray(start, Math.min(end, start + LINE_RATE_HZ)), from);
  if (anchor.correlation < 0.6) return anchor;
  let expectedAt = anchor.offset;
  let weight = 0;
  let sum = 0;
  for (let at = start; at + pieceLength <= end; at += pieceLength) {
    const piece = expected.subarray(at, at + pieceLength);
    const energy = sumOfSquares(piece);
    if (Math.sqrt(energy / piece.length) < LOUD_RMS) {
      expectedAt += pieceLength;
      continue;
    }
    const around = Math.max(0, expectedAt - slack);
    const found = findPrompt(heard.subarray(around, expectedAt + pieceLength + slack), piece);
    sum += energy * found.correlation;
    weight += energy;
    expectedAt = (found.correlation > 0.7 ? around + found.offset : expectedAt) + pieceLength;
  }
  return { offset: anchor.offset - start, correlation: weight === 0 ? 0 : sum / weight };
}

export interface HeardOptions {
  /** The recording's clock is not exact (softphone): compare piece by piece. */
  inPieces?: boolean;
  /** Other sounds are allowed (default they fail). */
  allowOther?: boolean;
  /** Correlation from which it is the same sentence, for sound that was changed on its way; 0.9. */
  sameFrom?: number;
}

/**
 * Fails unless exactly these sentences were heard, in this order, and nothing else. The failure tells the best match of
 * each and names a WAV file with what was heard.
 */
export function assertHeard(heard: Int16Array, expected: ExpectedPrompt[], options: HeardOptions = {}): Found[] {
  const found: Found[] = [];
  const faults: string[] = [];
  let from = 0;
  for (const prompt of expected) {
    const place = (options.inPieces ? findPromptInPieces : findPrompt)(heard, prompt.samples, from);
    found.push(place);
    if (place.correlation < (options.sameFrom ?? SAME)) {
      faults.push(
        `"${prompt.text}" was not heard: best correlation ${place.correlation.toFixed(3)} at ${ms(place.offset)}`,
      );
    } else {
      from = Math.max(0, place.offset + soundOf(prompt.samples).end - LINE_RATE_HZ / 50);
    }
  }
  if (faults.length === 0 && options.allowOther !== true) faults.push(...otherSounds(heard, expected, found));
  if (faults.length > 0) {
    recordings ??= mkdtempSync(join(tmpdir(), 'voxology-heard-'));
    const file = join(recordings, `heard-${++recorded}.wav`);
    writeWav(file, heard, LINE_RATE_HZ);
    throw new Error(`${faults.join('\n')}\n${describeSounds(heard)}\nheard (${ms(heard.length)}): ${file}`);
  }
  return found;
}

let recordings: string | undefined;
let recorded = 0;

/** Removes the WAV files of failures: the tools' own tests make some although all is well. */
export function removeRecordings(): void {
  if (recordings !== undefined) rmSync(recordings, { recursive: true, force: true });
}

/** Fails when the sentence was heard anywhere. */
export function assertNotHeard(heard: Int16Array, prompt: ExpectedPrompt): void {
  const place = findPrompt(heard, prompt.samples);
  if (place.correlation > 0.5) {
    throw new Error(`"${prompt.text}" was heard at ${ms(place.offset)} (correlation ${place.correlation.toFixed(3)})`);
  }
}

/** First and last sample that is more than quiet noise. */
export function soundOf(samples: Int16Array): { start: number; end: number } {
  let start = 0;
  let end = samples.length;
  while (start < end && Math.abs(samples[start] ?? 0) < 100) start++;
  while (end > start && Math.abs(samples[end - 1] ?? 0) < 100) end--;
  return { start, end };
}

function otherSounds(heard: Int16Array, expected: ExpectedPrompt[], found: Found[]): string[] {
  const margin = LINE_RATE_HZ / 10;
  const rest = heard.slice();
  for (const [i, place] of found.entries()) {
    const length = expected[i]?.samples.length ?? 0;
    rest.fill(0, Math.max(0, place.offset - margin), Math.max(0, place.offset + length + margin));
  }
  return loudSpans(rest).map((span) => `something else was heard from ${ms(span.from)} to ${ms(span.to)}`);
}

/** Stretches of sound with pauses under 200 ms closed. */
function loudSpans(samples: Int16Array): { from: number; to: number }[] {
  const frame = LINE_RATE_HZ / 50;
  const spans: { from: number; to: number }[] = [];
  for (let at = 0; at + frame <= samples.length; at += frame) {
    const part = samples.subarray(at, at + frame);
    if (Math.sqrt(sumOfSquares(part) / frame) < LOUD_RMS) continue;
    const last = spans.at(-1);
    if (last !== undefined && at - last.to < LINE_RATE_HZ / 5) last.to = at + frame;
    else spans.push({ from: at, to: at + frame });
  }
  return spans;
}

function describeSounds(heard: Int16Array): string {
  const spans = loudSpans(heard).map((span) => `${ms(span.from)}-${ms(span.to)}`);
  return `sounds: ${spans.length === 0 ? 'none' : spans.join(', ')}`;
}

function energySums(samples: Int16Array): Float64Array {
  const sums = new Float64Array(samples.length + 1);
  for (let i = 0; i < samples.length; i++) sums[i + 1] = (sums[i] ?? 0) + (samples[i] ?? 0) ** 2;
  return sums;
}

function sumOfSquares(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return sum;
}

function ms(samples: number): string {
  return `${Math.round((samples / LINE_RATE_HZ) * 1000)} ms`;
}
