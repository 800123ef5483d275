import { RateConverter } from '../dsp/rate-converter.ts';
import { NARROW_FRAME, WIDE_FRAME } from '../session/frame-stage.ts';
import { FrameRingReader, RING_FRAMES } from './frame-ring.ts';
import type { FrameRingMemory } from './frame-ring-memory.ts';
import { HISTORY, WHISPERED } from './mix-member.ts';
import { addTo, clampInto } from './samples.ts';
import type { Whisper } from './whisper.ts';

/** Frames in which what is still in the ring is heard and fades out, and those in which listeners may ask for it. */
const LAST_FRAMES = RING_FRAMES + HISTORY;

const narrowSum = new Int32Array(NARROW_FRAME);
const wideSum = new Int32Array(WIDE_FRAME);
const converted = new Int16Array(WIDE_FRAME);

/** A coach on another worker, heard by one member here. */
export class RingWhisper implements Whisper {
  readonly narrow = new Int16Array(HISTORY * NARROW_FRAME);
  readonly wide = new Int16Array(HISTORY * WIDE_FRAME);
  readonly sounds = new Uint8Array(HISTORY);
  readonly ringId: number;
  readonly #reader: FrameRingReader;
  readonly #up = new RateConverter(8000, 16_000);
  readonly #down = new RateConverter(16_000, 8000);
  #framesLeft: number | null = null;

  constructor({ ringId, memory }: FrameRingMemory) {
    this.ringId = ringId;
    this.#reader = new FrameRingReader(ringId, memory);
  }

  get isOver(): boolean {
    return this.#framesLeft === 0;
  }

  end(): void {
    this.#framesLeft ??= LAST_FRAMES;
  }

  read(slot: number): void {
    if (this.#framesLeft !== null) this.#framesLeft--;
    narrowSum.fill(0);
    wideSum.fill(0);
    const reader = this.#reader;
    reader.add(narrowSum, 0, wideSum, 0);
    this.sounds[slot] = reader.hasNarrow || reader.hasWide ? WHISPERED : 0;
    if (this.sounds[slot] === 0) return;
    const { narrow, wide } = this;
    const narrowAt = slot * NARROW_FRAME;
    const wideAt = slot * WIDE_FRAME;
    clampInto(narrowSum, 0, narrow, narrowAt, NARROW_FRAME);
    clampInto(wideSum, 0, wide, wideAt, WIDE_FRAME);
    // Each rate's listeners hear what was spoken at either.
    this.#up.process(narrow, narrowAt, NARROW_FRAME, converted, 0);
    addTo(wideSum, 0, converted, 0, WIDE_FRAME);
    this.#down.process(wide, wideAt, WIDE_FRAME, converted, 0);
    addTo(narrowSum, 0, converted, 0, NARROW_FRAME);
    clampInto(narrowSum, 0, narrow, narrowAt, NARROW_FRAME);
    clampInto(wideSum, 0, wide, wideAt, WIDE_FRAME);
  }
}
