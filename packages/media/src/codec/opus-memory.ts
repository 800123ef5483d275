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

/** What the library remembers of one stream: in one of {@link OpusStates}' places, or kept by JavaScript. */
export interface OpusState {
  place: number;
  kept: Uint8Array | null;
}

const NOWHERE = -1;

/**
 * The places in the library's memory where the encoders, or the decoders, of a thread work. A stream keeps its place until
 * another one needs it; then its state, which the library allows to be moved as plain memory, is kept by JavaScript. So
 * nobody has to give anything back, the library's memory, which cannot shrink, has a bound, and up to that bound nothing
 * is copied. Who must go is drawn by lot: streams take turns, so the one that waited longest is the one that comes next.
 */
export class OpusStates {
  readonly #opus: OpusLibrary;
  readonly #bytes: number;
  readonly #most: number;
  readonly #places: OpusArea[] = [];
  readonly #residents: OpusState[] = [];

  /** `bytes`: the size of one state; `most`: how many places there may be. */
  constructor(opus: OpusLibrary, bytes: number, most: number) {
    this.#opus = opus;
    this.#bytes = bytes;
    this.#most = most;
  }

  /** The state of a new stream, to be initialized by the library in the place that {@link enter} gives it. */
  newState(): OpusState {
    return { place: NOWHERE, kept: null };
  }

  /**
   * Sees to it that this state is in a place. The pointer to it, until another state enters.
   *
   * @throws Error when the library has no memory for a first place.
   */
  enter(state: OpusState): number {
    if (state.place === NOWHERE) {
      state.place = this.#takePlace();
      this.#residents[state.place] = state;
      if (state.kept !== null) this.#areaAt(state.place).octets.set(state.kept);
    }
    return this.#areaAt(state.place).pointer;
  }

  #takePlace(): number {
    const places = this.#places;
    if (places.length < this.#most) return places.push(new OpusArea(this.#opus, this.#bytes)) - 1;
    const place = Math.floor(Math.random() * places.length);
    const resident = this.#residents[place];
    if (resident !== undefined) {
      resident.kept ??= new Uint8Array(this.#bytes);
      resident.kept.set(this.#areaAt(place).octets);
      resident.place = NOWHERE;
    }
    return place;
  }

  #areaAt(place: number): OpusArea {
    return this.#places[place] as OpusArea;
  }
}
