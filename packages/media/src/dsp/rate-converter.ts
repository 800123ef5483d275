import { greatestCommonDivisor, kaiser, sinc } from './kaiser.ts';

/** The filter passes up to here, as a part of half the lower rate: 3.4 kHz where one side has 8 kHz. */
const PASS = 0.85;
/** And stops from here: images and aliases above 4.1 kHz are gone, between 3.9 and 4.1 kHz they are damped. */
const STOP = 1.025;
const STOPBAND_DB = 66;
/** Input samples converted at one go. */
const BLOCK = 512;

interface Filter {
  /** Output samples for every `down` input samples. */
  up: number;
  down: number;
  taps: number;
  /** `up` rows of `taps` coefficients, the oldest sample's first. */
  rows: Float64Array;
}

const filters = new Map<string, Filter>();

/**
 * Converts an endless stream of samples from one rate to another, piece by piece, without a seam: a linear-phase
 * polyphase low-pass filter, flat within 0.1 dB up to 0.85 of half the lower rate and more than 60 dB down beyond it.
 * The sound comes out {@link delayMs} late. Nothing is allocated after construction. One instance serves one stream.
 */
export class RateConverter {
  readonly #filter: Filter;
  readonly #work: Float64Array;
  /** The next output sample lies at this input sample of the next piece, and at this phase after it. */
  #base = 0;
  #phase = 0;
  /** How late the sound comes out. */
  readonly delayMs: number;

  /** @throws RangeError when a rate is not a positive integer. */
  constructor(fromHz: number, toHz: number) {
    this.#filter = filterFor(fromHz, toHz);
    const { taps, up, down } = this.#filter;
    this.#work = new Float64Array(taps - 1 + BLOCK);
    this.delayMs = up === down ? 0 : ((taps * up - 1) / 2 / up / fromHz) * 1000;
  }

  /** The number of samples that the next `n` will give. */
  outputLength(n: number): number {
    const { up, down } = this.#filter;
    return Math.max(0, Math.ceil(((n - this.#base) * up - this.#phase) / down));
  }

  /**
   * Takes the next `n` samples from `at` and writes what they give from `targetAt` on; with a ratio of small numbers
   * every 10 ms give exactly 10 ms.
   *
   * @returns the number of samples written; `target` must have room for them ({@link outputLength}).
   */
  process(samples: Int16Array, at: number, n: number, target: Int16Array, targetAt: number): number {
    const { up, down, taps, rows } = this.#filter;
    const work = this.#work;
    let base = this.#base;
    let phase = this.#phase;
    let written = targetAt;
    for (let done = 0; done < n; done += BLOCK) {
      const block = Math.min(BLOCK, n - done);
      for (let i = 0; i < block; i++) work[taps - 1 + i] = samples[at + done + i] as number;
      while (base < block) {
        const row = phase * taps;
        // Four sums, because each addition would wait for the one before; the taps are a multiple of four.
        let sum = 0;
        let sum1 = 0;
        let sum2 = 0;
        let sum3 = 0;
        for (let tap = 0; tap < taps; tap += 4) {
          sum += (work[base + tap] as number) * (rows[row + tap] as number);
          sum1 += (work[base + tap + 1] as number) * (rows[row + tap + 1] as number);
          sum2 += (work[base + tap + 2] as number) * (rows[row + tap + 2] as number);
          sum3 += (work[base + tap + 3] as number) * (rows[row + tap + 3] as number);
        }
        sum += sum1 + sum2 + sum3;
        target[written++] = sum >= 32_767 ? 32_767 : sum <= -32_768 ? -32_768 : Math.round(sum);
        phase += down;
        while (phase >= up) {
          phase -= up;
          base++;
        }
      }
      base -= block;
      work.copyWithin(0, block, block + taps - 1);
    }
    this.#base = base;
    this.#phase = phase;
    return written - targetAt;
  }

  /** Forgets everything heard, for a new stream. */
  reset(): void {
    this.#work.fill(0);
    this.#base = 0;
    this.#phase = 0;
  }
}

function filterFor(fromHz: number, toHz: number): Filter {
  if (!Number.isInteger(fromHz) || !Number.isInteger(toHz) || fromHz <= 0 || toHz <= 0) {
    throw new RangeError(`cannot convert from ${fromHz} Hz to ${toHz} Hz: rates are positive integers`);
  }
  const key = `${fromHz}/${toHz}`;
  let filter = filters.get(key);
  if (filter === undefined) {
    filter = design(fromHz, toHz);
    filters.set(key, filter);
  }
  return filter;
}

/** Kaiser's design of a low-pass filter of the given attenuation and transition. */
function design(fromHz: number, toHz: number): Filter {
  const divisor = greatestCommonDivisor(fromHz, toHz);
  const up = toHz / divisor;
  const down = fromHz / divisor;
  if (up === down) return { up, down, taps: 4, rows: Float64Array.of(0, 0, 0, 1) };
  const nyquistHz = Math.min(fromHz, toHz) / 2;
  const filterHz = fromHz * up;
  const transition = ((STOP - PASS) * nyquistHz) / filterHz;
  const beta = 0.1102 * (STOPBAND_DB - 8.7);
  const taps = 4 * Math.ceil((STOPBAND_DB - 7.95) / (14.36 * transition) / up / 4);
  const cutoff = ((STOP + PASS) * nyquistHz) / filterHz;
  const centre = (taps * up - 1) / 2;
  const rows = new Float64Array(taps * up);
  for (let index = 0; index < taps * up; index++) {
    const distance = index - centre;
    const coefficient = up * cutoff * sinc(distance * cutoff) * kaiser(distance / (centre + 1), beta);
    rows[(index % up) * taps + taps - 1 - Math.floor(index / up)] = coefficient;
  }
  return { up, down, taps, rows };
}
