interface Failures {
  count: number;
  sinceMs: number;
}

const MAX_TRACKED_ADDRESSES = 50_000;

/** Addresses that gave wrong credentials too often: they get `403` without a look at what they send. */
export class BanList {
  readonly #maxFailures: number;
  readonly #windowMs: number;
  readonly #failures = new Map<string, Failures>();

  /** An address is banned after `maxFailures` failures, until `windowMs` after the first of them. */
  constructor({ maxFailures, windowMs }: { maxFailures: number; windowMs: number }) {
    this.#maxFailures = maxFailures;
    this.#windowMs = windowMs;
  }

  isBanned(address: string, nowMs: number): boolean {
    const failures = this.#failures.get(address);
    if (failures === undefined) return false;
    if (nowMs - failures.sinceMs >= this.#windowMs) {
      this.#failures.delete(address);
      return false;
    }
    return failures.count >= this.#maxFailures;
  }

  failed(address: string, nowMs: number): void {
    const failures = this.#failures.get(address);
    if (failures !== undefined && nowMs - failures.sinceMs < this.#windowMs) {
      failures.count += 1;
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
