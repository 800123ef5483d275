import type { OpusLibrary } from './opus-library.ts';

/** A piece of the library's memory. */
export class OpusArea {
  readonly pointer: number;
  readonly #opus: OpusLibrary;
  readonly #bytes: number;
  #octets = new Uint8Array(0);
  #samples = new Int16Array(0);

  /** @throws Error when the library has no memory left. */
  constructor(opus: OpusLibrary, bytes: number) {
    this.#opus = opus;
    this.#bytes = bytes;
    this.pointer = opus.malloc(bytes);
    if (this.pointer === 0) throw new Error(`Opus has no memory left for ${bytes} octets`);
  }

  get octets(): Uint8Array {
    // When the library's memory grows, the old views see nothing.
    if (this.#octets.length === 0) this.#octets = new Uint8Array(this.#opus.memory.buffer, this.pointer, this.#bytes);
    return this.#octets;
  }

  get samples(): Int16Array {
    if (this.#samples.length === 0) {
      this.#samples = new Int16Array(this.#opus.memory.buffer, this.pointer, this.#bytes >> 1);
    }
    return this.#samples;
  }
}

/**
 * The one place in the library's memory where all encoders, or all decoders, of a thread work in turn. Their states, which
 * the library allows to be moved as plain memory, are kept by JavaScript: so nobody has to give anything back, and the
 * library's memory, which cannot shrink, never grows.
 */
export class OpusStateSlot {
  readonly #area: OpusArea;
  readonly #bytes: number;
  #resident: Uint8Array | null = null;

  constructor(opus: OpusLibrary, bytes: number) {
    this.#area = new OpusArea(opus, bytes);
    this.#bytes = bytes;
  }

  /** Room for one state, to be initialized by the library. */
  newState(): Uint8Array {
    return new Uint8Array(this.#bytes);
  }

  /** Puts this state into its place, and the one that was there before out of it. The pointer to it. */
  enter(state: Uint8Array): number {
    if (state !== this.#resident) {
      const { octets } = this.#area;
      this.#resident?.set(octets);
      octets.set(state);
      this.#resident = state;
    }
    return this.#area.pointer;
  }
}
