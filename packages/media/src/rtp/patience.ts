/** What had to be taken back within so many steps had better not been done. */
const REGRETTED_WITHIN = 1500;
const GROWTH = 4;

/**
 * How many steps (packets) to wait before delay is cut: the least at first, longer each time that the delay was needed
 * again soon after, so that what comes and goes is not followed; shorter again when cutting proved right.
 */
export class Patience {
  /** Steps to wait. */
  steps: number;
  readonly #least: number;
  readonly #most: number;
  #sinceCut = Number.POSITIVE_INFINITY;

  constructor(least: number, most: number) {
    this.steps = least;
    this.#least = least;
    this.#most = most;
  }

  step(): void {
    this.#sinceCut++;
  }

  /** The delay was cut. */
  cut(): void {
    if (this.#sinceCut > REGRETTED_WITHIN + this.steps) this.steps = Math.max(this.#least, this.steps / GROWTH);
    this.#sinceCut = 0;
  }

  /** The delay is needed again. */
  regret(): void {
    if (this.#sinceCut <= REGRETTED_WITHIN) this.steps = Math.min(this.#most, this.steps * GROWTH);
    this.#sinceCut = Number.POSITIVE_INFINITY;
  }
}
