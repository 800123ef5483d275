import { NARROW_FRAME, WIDE_FRAME } from '../session/frame-stage.ts';
import { addFadingIn, addTail, addTo, clampInto } from './samples.ts';

/** Frames in the ring: two wait as a rule, the rest is room for threads that run late. */
export const RING_FRAMES = 8;
/** Behind the flag that says which of them hold sound: the frame at 8 and at 16 kHz. */
const NARROW_AT = 1;
const WIDE_AT = NARROW_AT + NARROW_FRAME;
const SLOT_SAMPLES = WIDE_AT + WIDE_FRAME;
const HEADER_BYTES = 8;
const HAS_NARROW = 1;
const HAS_WIDE = 2;
/** Frames a reader keeps waiting, so that neither thread's lateness is heard. */
const CUSHION = 2;
/** Longest backlog: a reader that fell further behind skips to the cushion. */
const MAX_BACKLOG = RING_FRAMES - 2;

/** Memory for one sender's frames of 20 ms, for one writer and any number of readers on other threads. */
export function newFrameRing(): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER_BYTES + RING_FRAMES * SLOT_SAMPLES * Int16Array.BYTES_PER_ELEMENT);
}

/** The writing end of a ring; nobody waits for anybody. */
export class FrameRingWriter {
  /** How many frames were written, for the readers. */
  readonly #count: Int32Array;
  readonly #slots: Int16Array;

  constructor(memory: SharedArrayBuffer) {
    this.#count = new Int32Array(memory, 0, 1);
    this.#slots = new Int16Array(memory, HEADER_BYTES);
  }

  /** Writes one frame: what is spoken at 8 kHz and what at 16 kHz, each from its place; null where nobody speaks. */
  write(narrow: Int32Array | null, narrowAt: number, wide: Int32Array | null, wideAt: number): void {
    const count = Atomics.load(this.#count, 0);
    const at = (count & (RING_FRAMES - 1)) * SLOT_SAMPLES;
    const slots = this.#slots;
    if (narrow !== null) clampInto(narrow, narrowAt, slots, at + NARROW_AT, NARROW_FRAME);
    if (wide !== null) clampInto(wide, wideAt, slots, at + WIDE_AT, WIDE_FRAME);
    slots[at] = (narrow === null ? 0 : HAS_NARROW) | (wide === null ? 0 : HAS_WIDE);
    // Publishes what was written before it.
    Atomics.store(this.#count, 0, (count + 1) | 0);
  }
}

/** One reading end of a ring, at the pace of its own thread's clock. */
export class FrameRingReader {
  /** Whether the frame read last holds sound at 8 and at 16 kHz. */
  hasNarrow = false;
  hasWide = false;
  readonly ringId: number;
  readonly #count: Int32Array;
  readonly #slots: Int16Array;
  #next = 0;
  #flowing = false;
  /** Where the sound stood when it was last heard, to fade from. */
  #lastNarrow = 0;
  #lastWide = 0;

  constructor(ringId: number, memory: SharedArrayBuffer) {
    this.ringId = ringId;
    this.#count = new Int32Array(memory, 0, 1);
    this.#slots = new Int16Array(memory, HEADER_BYTES);
    this.#next = Atomics.load(this.#count, 0);
  }

  /** Adds the next frame to the sums; silence while the writer is behind. */
  add(narrow: Int32Array, narrowAt: number, wide: Int32Array, wideAt: number): void {
    this.hasNarrow = false;
    this.hasWide = false;
    const backlog = (Atomics.load(this.#count, 0) - this.#next) | 0;
    if (backlog > MAX_BACKLOG) this.#next = (this.#next + backlog - CUSHION) | 0;
    const resumes = !this.#flowing && backlog >= CUSHION;
    this.#flowing = backlog > 0 && (this.#flowing || resumes);
    if (!this.#flowing) {
      this.#fadeOut(narrow, narrowAt, wide, wideAt);
      return;
    }
    const at = (this.#next & (RING_FRAMES - 1)) * SLOT_SAMPLES;
    this.#next = (this.#next + 1) | 0;
    const slots = this.#slots;
    const flags = slots[at] as number;
    const add = resumes ? addFadingIn : addTo;
    this.hasNarrow = (flags & HAS_NARROW) !== 0;
    this.hasWide = (flags & HAS_WIDE) !== 0;
    if (this.hasNarrow) add(narrow, narrowAt, slots, at + NARROW_AT, NARROW_FRAME);
    if (this.hasWide) add(wide, wideAt, slots, at + WIDE_AT, WIDE_FRAME);
    this.#lastNarrow = this.hasNarrow ? (slots[at + WIDE_AT - 1] as number) : 0;
    this.#lastWide = this.hasWide ? (slots[at + SLOT_SAMPLES - 1] as number) : 0;
  }

  #fadeOut(narrow: Int32Array, narrowAt: number, wide: Int32Array, wideAt: number): void {
    this.hasNarrow = this.#lastNarrow !== 0;
    this.hasWide = this.#lastWide !== 0;
    if (this.hasNarrow) addTail(narrow, narrowAt, this.#lastNarrow, NARROW_FRAME);
    if (this.hasWide) addTail(wide, wideAt, this.#lastWide, WIDE_FRAME);
    this.#lastNarrow = 0;
    this.#lastWide = 0;
  }
}
