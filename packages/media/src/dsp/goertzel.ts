/**
 * Goertzel filters at fixed frequencies: the squared magnitude of single lines of the Fourier transform of a window.
 * A sine of amplitude A at a filter's frequency gives (A · length / 2)².
 */
export class GoertzelBank {
  readonly #coefficients: Float64Array;
  readonly #powers: Float64Array;
  #strongest = 0;

  constructor(frequenciesHz: readonly number[], sampleRateHz: number) {
    this.#coefficients = Float64Array.from(frequenciesHz, (hz) => 2 * Math.cos((2 * Math.PI * hz) / sampleRateHz));
    this.#powers = new Float64Array(frequenciesHz.length);
  }

  /** Index of the filter with the most power in the last `measure`. */
  get strongest(): number {
    return this.#strongest;
  }

  /** Whether the strongest filter of the last `measure` has more than `ratio` times the power of every other. */
  standsOut(ratio: number): boolean {
    const limit = (this.#powers[this.#strongest] as number) / ratio;
    for (let i = 0; i < this.#powers.length; i++) {
      if (i !== this.#strongest && (this.#powers[i] as number) > limit) return false;
    }
    return true;
  }

  /** The powers of all filters over the window; the same array at every call. */
  measure(window: Float64Array): Float64Array {
    const powers = this.#powers;
    this.#strongest = 0;
    for (let i = 0; i < powers.length; i++) {
      powers[i] = this.power(window, i);
      if ((powers[i] as number) > (powers[this.#strongest] as number)) this.#strongest = i;
    }
    return powers;
  }

  /** The power of one filter over the window. */
  power(window: Float64Array, filter: number): number {
    const coefficient = this.#coefficients[filter] as number;
    let last = 0;
    let beforeLast = 0;
    for (let i = 0; i < window.length; i++) {
      const next = (window[i] as number) + coefficient * last - beforeLast;
      beforeLast = last;
      last = next;
    }
    return last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
  }
}
