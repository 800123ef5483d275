/**
 * Goertzel filters at fixed frequencies: single lines of the Fourier transform of a window. A sine of amplitude A at a
 * filter's frequency has the power (A · length / 2)².
 */
export class GoertzelBank {
  readonly #angles: Float64Array;
  readonly #powers: Float64Array;
  /** The last two outputs of the filter run last, and of the strongest filter of a measurement. */
  #last = 0;
  #beforeLast = 0;
  #strongest = 0;
  #strongestLast = 0;
  #strongestBeforeLast = 0;

  constructor(frequenciesHz: readonly number[], sampleRateHz: number) {
    this.#angles = Float64Array.from(frequenciesHz, (hz) => (2 * Math.PI * hz) / sampleRateHz);
    this.#powers = new Float64Array(frequenciesHz.length);
  }

  /** Runs every filter over the window. Returns the index of the one with the most power. */
  measure(window: Float64Array): number {
    const powers = this.#powers;
    for (let i = 0; i < powers.length; i++) {
      const power = this.measureOne(window, i);
      powers[i] = power;
      if (i > 0 && power <= (powers[this.#strongest] as number)) continue;
      this.#strongest = i;
      this.#strongestLast = this.#last;
      this.#strongestBeforeLast = this.#beforeLast;
    }
    return this.#strongest;
  }

  /** Power of the strongest filter of the last `measure`. */
  get power(): number {
    return this.#powers[this.#strongest] as number;
  }

  /** Phase, in radians, of the strongest line of the last `measure` at the window's end. */
  get phase(): number {
    const angle = this.#angles[this.#strongest] as number;
    const real = this.#strongestLast - this.#strongestBeforeLast * Math.cos(angle);
    return Math.atan2(this.#strongestBeforeLast * Math.sin(angle), real);
  }

  /** Whether the strongest filter of the last `measure` has more than `ratio` times the power of every other. */
  standsOut(ratio: number): boolean {
    const limit = this.power / ratio;
    for (let i = 0; i < this.#powers.length; i++) {
      if (i !== this.#strongest && (this.#powers[i] as number) > limit) return false;
    }
    return true;
  }

  /** The power of one filter over the window. */
  measureOne(window: Float64Array, filter: number): number {
    const coefficient = 2 * Math.cos(this.#angles[filter] as number);
    let last = 0;
    let beforeLast = 0;
    for (let i = 0; i < window.length; i++) {
      const next = (window[i] as number) + coefficient * last - beforeLast;
      beforeLast = last;
      last = next;
    }
    this.#last = last;
    this.#beforeLast = beforeLast;
    return last * last + beforeLast * beforeLast - coefficient * last * beforeLast;
  }
}
