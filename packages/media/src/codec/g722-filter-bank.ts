/** Pairs of samples that are filtered at one go. */
export const MOST_PAIRS = 160;
/** Every quadrature mirror filter has 24 coefficients: 12 for the first samples of the pairs, the same mirrored for the second. */
const BEFORE = 11;

// One at a time uses them.
const firsts = new Int32Array(BEFORE + MOST_PAIRS);
const seconds = new Int32Array(BEFORE + MOST_PAIRS);

function clamp16(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}

/** The last pairs of one stream, from which its next frame goes on. */
class Line {
  readonly #firsts = new Int32Array(BEFORE);
  readonly #seconds = new Int32Array(BEFORE);

  /** Puts them before the next pairs. */
  load(): void {
    firsts.set(this.#firsts);
    seconds.set(this.#seconds);
  }

  /** Keeps the last of `n` pairs. */
  keep(n: number): void {
    for (let i = 0; i < BEFORE; i++) {
      this.#firsts[i] = firsts[n + i] as number;
      this.#seconds[i] = seconds[n + i] as number;
    }
  }
}

/** 12 samples from `at` on, weighted by every second coefficient (G.722 table 11) and summed; written out, it takes half the time. */
function forwards(line: Int32Array, at: number): number {
  return (
    Math.imul(3, line[at] as number) +
    Math.imul(-11, line[at + 1] as number) +
    Math.imul(12, line[at + 2] as number) +
    Math.imul(32, line[at + 3] as number) +
    Math.imul(-210, line[at + 4] as number) +
    Math.imul(951, line[at + 5] as number) +
    Math.imul(3876, line[at + 6] as number) +
    Math.imul(-805, line[at + 7] as number) +
    Math.imul(362, line[at + 8] as number) +
    Math.imul(-156, line[at + 9] as number) +
    Math.imul(53, line[at + 10] as number) +
    Math.imul(-11, line[at + 11] as number)
  );
}

/** The same with the rest of the coefficients, which are those mirrored. */
function backwards(line: Int32Array, at: number): number {
  return (
    Math.imul(-11, line[at] as number) +
    Math.imul(53, line[at + 1] as number) +
    Math.imul(-156, line[at + 2] as number) +
    Math.imul(362, line[at + 3] as number) +
    Math.imul(-805, line[at + 4] as number) +
    Math.imul(3876, line[at + 5] as number) +
    Math.imul(951, line[at + 6] as number) +
    Math.imul(-210, line[at + 7] as number) +
    Math.imul(32, line[at + 8] as number) +
    Math.imul(12, line[at + 9] as number) +
    Math.imul(-11, line[at + 10] as number) +
    Math.imul(3, line[at + 11] as number)
  );
}

/** Splits 16 kHz sound into two bands of 8 kHz each (G.722 §3.1). */
export class QmfAnalysis {
  readonly #line = new Line();

  /** Takes `pairs` of samples from `at` on, {@link MOST_PAIRS} at most, and writes as many samples of each band. */
  split(samples: Int16Array, at: number, pairs: number, low: Int32Array, high: Int32Array): void {
    this.#line.load();
    for (let i = 0; i < pairs; i++) {
      firsts[BEFORE + i] = samples[at + 2 * i] as number;
      seconds[BEFORE + i] = samples[at + 2 * i + 1] as number;
    }
    for (let i = 0; i < pairs; i++) {
      const even = forwards(firsts, i);
      const odd = backwards(seconds, i);
      low[i] = (odd + even) >> 14;
      high[i] = (odd - even) >> 14;
    }
    this.#line.keep(pairs);
  }
}

/** Joins the two bands again (G.722 §4.4). With the analysis before it, sound comes out 22 samples late. */
export class QmfSynthesis {
  readonly #line = new Line();

  /** Takes `pairs` samples of each band, {@link MOST_PAIRS} at most, and writes twice as many from `at` on. */
  join(low: Int32Array, high: Int32Array, pairs: number, target: Int16Array, at: number): void {
    this.#line.load();
    for (let i = 0; i < pairs; i++) {
      const ofLow = low[i] as number;
      const ofHigh = high[i] as number;
      firsts[BEFORE + i] = ofLow + ofHigh;
      seconds[BEFORE + i] = ofLow - ofHigh;
    }
    for (let i = 0; i < pairs; i++) {
      target[at + 2 * i] = clamp16(backwards(seconds, i) >> 11);
      target[at + 2 * i + 1] = clamp16(forwards(firsts, i) >> 11);
    }
    this.#line.keep(pairs);
  }
}
