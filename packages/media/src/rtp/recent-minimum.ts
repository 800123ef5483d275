/** The smallest of the values of a recent span, kept as the minima of its two halves; half a span to a whole one is remembered. */
export class RecentMinimum {
  readonly #half: number;
  #since = 0;
  #current = Number.POSITIVE_INFINITY;
  #before = Number.POSITIVE_INFINITY;

  /** `span` in the unit of the positions given to {@link add}. */
  constructor(span: number) {
    this.#half = span / 2;
  }

  /** Infinite when nothing was added. */
  get value(): number {
    return Math.min(this.#current, this.#before);
  }

  /** `at`, a time or a count, never goes back. */
  add(value: number, at: number): void {
    const elapsed = at - this.#since;
    if (elapsed >= this.#half) {
      this.#before = elapsed >= 2 * this.#half ? Number.POSITIVE_INFINITY : this.#current;
      this.#current = value;
      this.#since = at;
    } else if (value < this.#current) {
      this.#current = value;
    }
  }

  /** All values were off by this much. */
  shift(difference: number): void {
    this.#current += difference;
    this.#before += difference;
  }

  /** Forgets everything. */
  clear(): void {
    this.#current = Number.POSITIVE_INFINITY;
    this.#before = Number.POSITIVE_INFINITY;
  }
}
