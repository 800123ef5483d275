import { isOutage } from './outage.ts';

interface Entry<Value> {
  value: Promise<Value | null>;
  expiresAtMs: number;
}

/**
 * Rows by key, for lookups on the path of every call. Concurrent lookups of a key share one query; "there is none" is
 * remembered too; the entry that was loaded first goes when the cache is full. While the database is away, what was known
 * last goes on being used.
 */
export class Cache<Value> {
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #ttlMs: number;
  readonly #maxEntries: number;

  constructor(ttlMs: number, maxEntries = 10_000) {
    this.#ttlMs = ttlMs;
    this.#maxEntries = maxEntries;
  }

  get(key: string, load: () => Promise<Value | null>): Promise<Value | null> {
    const now = performance.now();
    const known = this.#entries.get(key);
    if (known !== undefined && known.expiresAtMs > now) return known.value;
    const entry: Entry<Value> = {
      value: known === undefined ? load() : loadOr(load, known),
      expiresAtMs: now + this.#ttlMs,
    };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > this.#maxEntries) this.#removeOldest();
    // A failed lookup is not remembered; the caller sees the error itself.
    entry.value.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return entry.value;
  }

  /** To be called after the row was written: a lookup under way keeps its answer, but it is not remembered. */
  forget(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  #removeOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key);
      return;
    }
  }
}

async function loadOr<Value>(load: () => Promise<Value | null>, known: Entry<Value>): Promise<Value | null> {
  try {
    return await load();
  } catch (error) {
    if (isOutage(error)) return known.value;
    throw error;
  }
}
