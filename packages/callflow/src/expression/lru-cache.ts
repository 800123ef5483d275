/** A map that keeps the `capacity` entries used last. */
export class LruCache<V> {
  private readonly entries = new Map<string, V>();
  private readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  /** The kept value of `key`, or what `make` gives, kept from now on. */
  getOrMake(key: string, make: (key: string) => V): V {
    const kept = this.entries.get(key);
    if (kept !== undefined) {
      // Only a full cache needs the order of use.
      if (this.entries.size >= this.capacity) {
        this.entries.delete(key);
        this.entries.set(key, kept);
      }
      return kept;
    }
    const made = make(key);
    if (this.entries.size >= this.capacity) {
      const oldest = this.entries.keys().next();
      if (oldest.done !== true) this.entries.delete(oldest.value);
    }
    this.entries.set(key, made);
    return made;
  }
}
