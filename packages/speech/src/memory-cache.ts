import type { Spoken } from './spoken.ts';

/** Keeps the speech used last, up to a number of bytes of samples. */
export class MemoryCache {
  readonly #limitBytes: number;
  // A Map keeps the order of insertion: the first entry is the one used longest ago.
  readonly #entries = new Map<string, Spoken>();
  #bytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Bytes of samples kept. */
  get bytes(): number {
    return this.#bytes;
  }

  get(id: string): Spoken | null {
    const spoken = this.#entries.get(id);
    if (spoken === undefined) return null;
    this.#entries.delete(id);
    this.#entries.set(id, spoken);
    return spoken;
  }

  set(spoken: Spoken): void {
    const { id, samples } = spoken;
    if (this.#entries.has(id) || samples.byteLength > this.#limitBytes) return;
    this.#entries.set(id, spoken);
    this.#bytes += samples.byteLength;
    for (const [oldest, { samples: dropped }] of this.#entries) {
      if (this.#bytes <= this.#limitBytes) return;
      this.#entries.delete(oldest);
      this.#bytes -= dropped.byteLength;
    }
  }
}
