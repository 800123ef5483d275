import type { UtteranceMemory } from './utterance-memory.ts';

/** So much is asked for at a time: a second at 8 kHz. */
const BLOCK_SAMPLES = 8000;

/** The sound of an utterance as it grows, block by block. */
export class UtteranceSound {
  readonly #memory: UtteranceMemory;
  readonly #blocks: Int16Array[] = [];
  #length = 0;
  #full = false;

  constructor(memory: UtteranceMemory) {
    this.#memory = memory;
  }

  /** Adds `n` samples from `at` on. From where there is no room for them nothing is added any more. */
  add(samples: Int16Array, at: number, n: number): void {
    let from = at;
    while (from < at + n && !this.#full) {
      const filled = this.#length % BLOCK_SAMPLES;
      if (filled === 0 && !this.#grow()) return;
      const block = this.#blocks.at(-1);
      const count = Math.min(at + n - from, BLOCK_SAMPLES - filled);
      block?.set(samples.subarray(from, from + count), filled);
      this.#length += count;
      from += count;
    }
  }

  /** The first `length` samples, as far as they are there, on shared memory, which goes to another thread without a copy; nothing is left here. */
  take(length: number): Int16Array<SharedArrayBuffer> {
    const whole = new Int16Array(new SharedArrayBuffer(2 * Math.min(length, this.#length)));
    for (const [i, block] of this.#blocks.entries()) {
      const room = whole.length - i * BLOCK_SAMPLES;
      if (room > 0) whole.set(room < BLOCK_SAMPLES ? block.subarray(0, room) : block, i * BLOCK_SAMPLES);
    }
    this.clear();
    return whole;
  }

  clear(): void {
    this.#memory.give(this.#blocks.length * BLOCK_SAMPLES * 2);
    this.#blocks.length = 0;
    this.#length = 0;
    this.#full = false;
  }

  #grow(): boolean {
    this.#full = !this.#memory.take(BLOCK_SAMPLES * 2);
    if (!this.#full) this.#blocks.push(new Int16Array(BLOCK_SAMPLES));
    return !this.#full;
  }
}
