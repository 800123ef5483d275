import { MediaConfigError } from './errors.ts';

/** The even ports of a range, handed out in turn so that a port comes back as late as possible. */
export class PortRange {
  readonly low: number;
  readonly high: number;
  readonly #free: Set<number>;

  /** @throws MediaConfigError when the range holds no even port followed by its odd one. */
  constructor(low: number, high: number) {
    if (!Number.isInteger(low) || !Number.isInteger(high) || low < 1024 || high > 65_535) {
      throw new MediaConfigError(`The RTP ports ${low}-${high} are not whole numbers from 1024 to 65535`);
    }
    this.low = low;
    this.high = high;
    this.#free = new Set();
    for (let port = low + (low % 2); port < high; port += 2) this.#free.add(port);
    if (this.#free.size === 0) {
      throw new MediaConfigError(`The RTP ports ${low}-${high} hold no even port with the odd one after it`);
    }
  }

  get freeCount(): number {
    return this.#free.size;
  }

  /** The port that has been free for longest, or null. */
  take(): number | null {
    for (const port of this.#free) {
      this.#free.delete(port);
      return port;
    }
    return null;
  }

  give(port: number): void {
    this.#free.add(port);
  }
}
