import { setImmediate } from 'node:timers/promises';
import { greatestCommonDivisor, kaiser, sinc } from './kaiser.ts';

/** Zero crossings of the windowed sinc on each side of its centre, counted at the lower of the two rates. */
const HALF_LENGTH = 32;
/** Cut-off as a part of the lower rate's Nyquist frequency: 3.7 kHz at 8 kHz, flat to 3.4 kHz, closed at 4 kHz. */
const CUTOFF = 0.925;
/** Shape of the Kaiser window: about 75 dB of stop-band attenuation. */
const KAISER_BETA = 7.4;
/** Rates without a small common ratio use the nearest of this many fractional positions. */
const MOST_PHASES = 1024;
const MOST_FILTERS_KEPT = 16;
/** Output samples computed at one go where others wait: some milliseconds. */
const SLICE_SAMPLES = 8000;

type Filter = {
  /** Fractional positions of an output sample between two input samples. */
  phases: number;
  /** Input samples on each side of an output sample. */
  reach: number;
  /** `phases` rows of 2 · reach coefficients, each row summing to 1. */
  coefficients: Float32Array;
};

const filters = new Map<string, Filter>();

/**
 * Converts samples from one rate to another with a polyphase windowed-sinc filter (band-limited to the lower rate; level
 * and position in time kept). The result has `round(length · toHz / fromHz)` samples; equal rates return `samples` itself.
 *
 * @throws RangeError when a rate is not a positive integer.
 */
export function resample(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  const filter = filterFor(fromHz, toHz);
  if (fromHz === toHz) return samples;
  const output = new Int16Array(outputLength(samples.length, fromHz, toHz));
  fill(output, 0, output.length, samples, fromHz / toHz, filter);
  return output;
}

/**
 * The same onto shared memory, and in slices between which the event loop goes on: for long sounds on a thread that has
 * other things to do. `samples` must not change meanwhile.
 *
 * @throws RangeError when a rate is not a positive integer.
 */
export async function resampleShared(
  samples: Int16Array,
  fromHz: number,
  toHz: number,
): Promise<Int16Array<SharedArrayBuffer>> {
  const filter = filterFor(fromHz, toHz);
  const length = outputLength(samples.length, fromHz, toHz);
  const output = new Int16Array(new SharedArrayBuffer(length * Int16Array.BYTES_PER_ELEMENT));
  if (fromHz === toHz) {
    output.set(samples);
    return output;
  }
  for (let start = 0; start < length; start += SLICE_SAMPLES) {
    if (start > 0) await setImmediate();
    fill(output, start, Math.min(start + SLICE_SAMPLES, length), samples, fromHz / toHz, filter);
  }
  return output;
}

function outputLength(length: number, fromHz: number, toHz: number): number {
  return Math.round((length * toHz) / fromHz);
}

/** Computes the output samples from `start` to before `end`, each `step` input samples after the one before. */
function fill(
  output: Int16Array,
  start: number,
  end: number,
  samples: Int16Array,
  step: number,
  { phases, reach, coefficients }: Filter,
): void {
  const taps = 2 * reach;
  for (let i = start; i < end; i++) {
    const position = i * step;
    let before = Math.floor(position);
    let phase = Math.round((position - before) * phases);
    if (phase === phases) {
      before++;
      phase = 0;
    }
    const first = before - reach + 1;
    const row = phase * taps;
    const from = Math.max(0, -first);
    const to = Math.min(taps, samples.length - first);
    let sum = 0;
    for (let tap = from; tap < to; tap++) {
      sum += (samples[first + tap] as number) * (coefficients[row + tap] as number);
    }
    output[i] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
}

function filterFor(fromHz: number, toHz: number): Filter {
  if (!Number.isInteger(fromHz) || !Number.isInteger(toHz) || fromHz <= 0 || toHz <= 0) {
    throw new RangeError(`cannot resample from ${fromHz} Hz to ${toHz} Hz: rates are positive integers`);
  }
  const key = `${fromHz}/${toHz}`;
  const known = filters.get(key);
  if (known !== undefined) return known;
  const filter = design(fromHz, toHz);
  if (filters.size >= MOST_FILTERS_KEPT) filters.clear();
  filters.set(key, filter);
  return filter;
}

function design(fromHz: number, toHz: number): Filter {
  const phases = Math.min(MOST_PHASES, toHz / greatestCommonDivisor(fromHz, toHz));
  // Cut-off in cycles per input sample, doubled; and the reach it needs in input samples.
  const bandwidth = CUTOFF * Math.min(1, toHz / fromHz);
  const reach = Math.ceil(HALF_LENGTH * Math.max(1, fromHz / toHz));
  const coefficients = new Float32Array(phases * 2 * reach);
  for (let phase = 0; phase < phases; phase++) {
    const row = coefficients.subarray(phase * 2 * reach, (phase + 1) * 2 * reach);
    let sum = 0;
    for (let tap = 0; tap < row.length; tap++) {
      const distance = tap - reach + 1 - phase / phases;
      const coefficient = sinc(distance * bandwidth) * kaiser(distance / reach, KAISER_BETA);
      row[tap] = coefficient;
      sum += coefficient;
    }
    for (let tap = 0; tap < row.length; tap++) row[tap] = (row[tap] as number) / sum;
  }
  return { phases, reach, coefficients };
}
