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
  /** Of the first row: its symmetric and its antisymmetric part by turns, for half the taps. */
  halves: Float64Array;
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
    const { up, down, taps } = this.#filter;
    const work = this.#work;
    let written = targetAt;
    for (let done = 0; done < n; done += BLOCK) {
      const block = Math.min(BLOCK, n - done);
      for (let i = 0; i < block; i++) work[taps - 1 + i] = samples[at + done + i] as number;
      if (up === 2 && down === 1) written = this.#double(block, target, written);
      else if (up === 1 && down === 2) written = this.#halve(block, target, written);
      else written = this.#filterBlock(block, target, written);
      work.copyWithin(0, block, block + taps - 1);
    }
    return written - targetAt;
  }

  /** Any ratio. Like the other two it takes the first `block` samples of the work and gives where it has written up to. */
  #filterBlock(block: number, target: Int16Array, targetAt: number): number {
    const { up, down, taps, rows } = this.#filter;
    const work = this.#work;
    let base = this.#base;
    let phase = this.#phase;
    let written = targetAt;
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
      target[written++] = toSample(sum + sum1 + sum2 + sum3);
      phase += down;
      while (phase >= up) {
        phase -= up;
        base++;
      }
    }
    this.#base = base - block;
    this.#phase = phase;
    return written;
  }

  /**
   * Twice the rate: the second row mirrors the first one. So the two output samples are the sum and the difference of
   * what the row's symmetric and its antisymmetric part give, and each part needs half the taps.
   */
  #double(block: number, target: Int16Array, targetAt: number): number {
    const { taps, halves } = this.#filter;
    const work = this.#work;
    let written = targetAt;
    for (let base = 0; base < block; base++) {
      const last = base + taps - 1;
      let same = 0;
      let same1 = 0;
      let other = 0;
      let other1 = 0;
      for (let tap = 0; tap < taps >> 1; tap += 2) {
        const old = work[base + tap] as number;
        const young = work[last - tap] as number;
        const old1 = work[base + tap + 1] as number;
        const young1 = work[last - tap - 1] as number;
        same += (old + young) * (halves[2 * tap] as number);
        other += (old - young) * (halves[2 * tap + 1] as number);
        same1 += (old1 + young1) * (halves[2 * tap + 2] as number);
        other1 += (old1 - young1) * (halves[2 * tap + 3] as number);
      }
      same += same1;
      other += other1;
      target[written++] = toSample(same + other);
      target[written++] = toSample(same - other);
    }
    return written;
  }

  /** Half the rate: the only row is symmetric. */
  #halve(block: number, target: Int16Array, targetAt: number): number {
    const { taps, rows } = this.#filter;
    const work = this.#work;
    let written = targetAt;
    let base = this.#base;
    for (; base < block; base += 2) {
      const last = base + taps - 1;
      let sum = 0;
      let sum1 = 0;
      for (let tap = 0; tap < taps >> 1; tap += 2) {
        sum += ((work[base + tap] as number) + (work[last - tap] as number)) * (rows[tap] as number);
        sum1 += ((work[base + tap + 1] as number) + (work[last - tap - 1] as number)) * (rows[tap + 1] as number);
      }
      target[written++] = toSample(sum + sum1);
    }
    this.#base = base - block;
    return written;
  }

  /** Forgets everything heard, for a new stream. */
  reset(): void {
    this.#work.fill(0);
    this.#base = 0;
    this.#phase = 0;
  }
}

function toSample(value: number): number {
  return value >= 32_767 ? 32_767 : value <= -32_768 ? -32_768 : Math.round(value);
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
  if (up === down) return filterOf(up, down, 4, Float64Array.of(0, 0, 0, 1));
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
  return filterOf(up, down, taps, rows);
}

function filterOf(up: number, down: number, taps: number, rows: Float64Array): Filter {
  const halves = Float64Array.from({ length: taps }, (_, i) => {
    const tap = rows[i >> 1] as number;
    const mirrored = rows[taps - 1 - (i >> 1)] as number;
    return (i % 2 === 0 ? tap + mirrored : tap - mirrored) / 2;
  });
  return { up, down, taps, rows, halves };
}
