import type { Attempt, EgressError } from './egress-error.ts';

/** One request through all its tries: what was done, and the way to stop it. */
export class Run {
  readonly attempts: Attempt[] = [];
  private cancelled: EgressError | null = null;
  private stop: ((error: EgressError) => void) | null = null;

  /** Ends what is under way, and whatever would come after it, with `error`. */
  cancel(error: EgressError): void {
    this.cancelled ??= error;
    this.stop?.(error);
  }

  throwIfCancelled(): void {
    if (this.cancelled !== null) throw this.cancelled;
  }

  /** Waits for `work`; `stop` is called when the run is cancelled meanwhile, and must make `work` reject with its error. */
  async during<T>(work: Promise<T>, stop: (error: EgressError) => void): Promise<T> {
    this.stop = stop;
    try {
      return await work;
    } finally {
      this.stop = null;
    }
  }

  async wait(delayMs: number): Promise<void> {
    this.throwIfCancelled();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, delayMs);
    await this.during(promise, (error) => {
      clearTimeout(timer);
      reject(error);
    });
  }
}
