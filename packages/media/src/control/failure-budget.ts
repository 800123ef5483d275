export interface FailureBudgetOptions {
  /** Failures that are made good within {@link windowMs}. */
  most: number;
  windowMs: number;
  /** Monotonic milliseconds. */
  now: () => number;
}

/** How often what failed is started again: failures that lie long enough in the past count no more. */
export class FailureBudget {
  readonly #options: FailureBudgetOptions;
  #failedMs: number[] = [];

  constructor(options: FailureBudgetOptions) {
    this.#options = options;
  }

  /** Notes a failure. */
  spend(): void {
    this.#failedMs.push(this.#options.now());
  }

  /** Whether it is worth another try. */
  get hasLeft(): boolean {
    const { most, windowMs, now } = this.#options;
    const oldestMs = now() - windowMs;
    this.#failedMs = this.#failedMs.filter((failedMs) => failedMs > oldestMs);
    return this.#failedMs.length <= most;
  }
}
