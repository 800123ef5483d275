interface Failures {
  count: number;
  sinceMs: number;
}

const MAX_TRACKED_ADDRESSES = 50_000;

/** Addresses, or whatever else is told apart, that gave wrong credentials too often: they get `403` without a look at what they send. */
export class BanList {
  readonly #maxFailures: number;
  readonly #banMs: number;
  readonly #failures = new Map<string, Failures>();

  /** An address is banned for `banMs` after `maxFailures` failures within such a time. */
  constructor({ maxFailures, banMs }: { maxFailures: number; banMs: number }) {
    this.#maxFailures = maxFailures;
    this.#banMs = banMs;
  }

  isBanned(address: string, nowMs: number): boolean {
    const failures = this.#failures.get(address);
    if (failures === undefined) return false;
    if (nowMs - failures.sinceMs >= this.#banMs) {
      this.#failures.delete(address);
      return false;
    }
    return failures.count >= this.#maxFailures;
  }

  failed(address: string, nowMs: number): void {
    const failures = this.#failures.get(address);
    if (failures !== undefined && nowMs - failures.sinceMs < this.#banMs) {
      failures.count += 1;
      // From the last straw on: the first failure may lie almost the whole time back.
      if (failures.count === this.#maxFailures) failures.sinceMs = nowMs;
      return;
    }
    if (this.#failures.size >= MAX_TRACKED_ADDRESSES) {
      // The oldest entry goes: a flood from many addresses must not grow memory.
      const oldest = this.#failures.keys().next().value;
      if (oldest !== undefined) this.#failures.delete(oldest);
    }
    this.#failures.set(address, { count: 1, sinceMs: nowMs });
  }

  succeeded(address: string): void {
    this.#failures.delete(address);
  }
}
