/** Coefficients used of a description; more than twelve do not shape noise any better. */
const MOST_COEFFICIENTS = 12;
const FULL_SCALE = 32_767;
/** A new level is reached in this time. */
const GLIDE_MS = 20;

/**
 * Makes the noise that a comfort noise payload describes (RFC 3389), so that a far side which sends nothing while nobody
 * speaks does not sound dead: white noise through the all-pole lattice filter of the reflection coefficients.
 *
 *      | level, -dBov | N1 | N2 | … |      k = 258 · (N - 127) / 32768
 *
 * One instance serves one stream. Nothing is allocated after construction.
 */
export class ComfortNoise {
  readonly #reflections = new Float64Array(MOST_COEFFICIENTS);
  readonly #state = new Float64Array(MOST_COEFFICIENTS + 1);
  readonly #glide: number;
  #order = 0;
  #random = 0x2545_f491;
  /** Standard deviation of the noise before the filter: now, and where it goes. */
  #gain = 0;
  #targetGain = 0;

  constructor(sampleRateHz: number) {
    this.#glide = 1 - Math.exp(-3000 / (GLIDE_MS * sampleRateHz));
  }

  /** Takes one payload; from now on its noise is made. An empty one changes nothing. */
  describe(bytes: Uint8Array, at: number, length: number): void {
    if (length < 1) return;
    const level = FULL_SCALE * 10 ** (-((bytes[at] as number) & 127) / 20);
    this.#order = Math.min(MOST_COEFFICIENTS, length - 1);
    let rest = 1;
    for (let i = 0; i < this.#order; i++) {
      const reflection = (258 * ((bytes[at + 1 + i] as number) - 127)) / 32_768;
      // Only 255 is not less than one, and it is not allowed.
      const stable = Math.min(0.99, reflection);
      this.#reflections[i] = stable;
      rest *= 1 - stable * stable;
    }
    this.#state.fill(0, this.#order);
    this.#targetGain = level * Math.sqrt(rest);
  }

  /** Writes the next `n` samples. */
  generate(target: Int16Array, at: number, n: number): void {
    const state = this.#state;
    const reflections = this.#reflections;
    for (let i = 0; i < n; i++) {
      this.#gain += (this.#targetGain - this.#gain) * this.#glide;
      let forward = this.#gain * this.#nextRandom();
      for (let stage = this.#order - 1; stage >= 0; stage--) {
        const reflection = reflections[stage] as number;
        forward -= reflection * (state[stage] as number);
        state[stage + 1] = (state[stage] as number) + reflection * forward;
      }
      state[0] = forward;
      target[at + i] = forward > 32_767 ? 32_767 : forward < -32_768 ? -32_768 : Math.round(forward);
    }
  }

  /** Even numbers with a variance of one. */
  #nextRandom(): number {
    let random = this.#random;
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    this.#random = random;
    return (random / 2 ** 31) * Math.sqrt(3);
  }
}
