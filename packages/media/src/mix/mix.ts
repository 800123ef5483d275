import type { AudioCodec, AudioEncoder } from '../codec/audio-codec.ts';
import { RateConverter } from '../dsp/rate-converter.ts';
import { NARROW_FRAME, WIDE_FRAME } from '../session/frame-stage.ts';
import type { FrameRingReader, FrameRingWriter } from './frame-ring.ts';
import { HISTORY, IN_MIX, type MixMember } from './mix-member.ts';
import { addTo, clampInto, peakOf } from './samples.ts';

/** Frames after the last wideband sound until the filter between the rates has rung out. */
const RING_OUT_FRAMES = 1;
/** Above this the whole mix is turned down; single samples beyond it are clipped. */
const LIMIT = 30_000;
/** How much of the missing gain comes back per frame after the mix was turned down. */
const RECOVERY = 0.1;

/** Something that speaks into the mix for everybody: a prompt. */
export interface MixInput {
  /** Adds its next frame at 8 kHz. False when that was the last one. */
  add(sum: Int32Array, at: number): boolean;
}

interface SharedPayload {
  codec: AudioCodec;
  encoder: AudioEncoder;
  slots: Uint8Array[];
  /** The frame whose payload is in each slot. */
  frames: Float64Array;
}

// One at a time uses them: a worker runs one mix after the other.
const narrowClipped = new Int16Array(NARROW_FRAME);
const wideClipped = new Int16Array(WIDE_FRAME);
const converted = new Int16Array(WIDE_FRAME);

/**
 * What is spoken in one room, every 20 ms once for everybody: the sum of all voices at 8 kHz, and at 16 kHz while
 * somebody listens in wideband. Each rate's voices are summed as they are and only the two sums are converted into each
 * other, so a room costs two conversions at most, and taking a voice out of the sum of its own rate is exact.
 */
export class Mix {
  /** Number of the last frame that was mixed. Its place in the arrays is the slot `frame % HISTORY`. */
  frame = HISTORY - 1;
  readonly narrow = new Int32Array(HISTORY * NARROW_FRAME);
  readonly wide = new Int32Array(HISTORY * WIDE_FRAME);
  /** By slot: the gain that keeps the sum in range at the end of the frame; 1 as a rule. */
  readonly gains = new Float64Array(HISTORY).fill(1);
  /** By slot: whether anything is heard. */
  readonly sounds = new Uint8Array(HISTORY);
  /** How many listen at 16 kHz. */
  wideListeners = 0;
  publisher: FrameRingWriter | null = null;
  readonly #members: MixMember[] = [];
  readonly #inputs: MixInput[] = [];
  #readers: FrameRingReader[] = [];
  readonly #shared: SharedPayload[] = [];
  /** Of members that left, still to be heard. */
  readonly #lastNarrow = new Int32Array(NARROW_FRAME);
  readonly #lastWide = new Int32Array(WIDE_FRAME);
  #hasLastNarrow = false;
  #hasLastWide = false;
  /** Which rates the frame being mixed has sound at. */
  #hasNarrow = false;
  #hasWide = false;
  #spoke = false;
  #down: RateConverter | null = null;
  #up: RateConverter | null = null;
  #downFrames = 0;
  #upRuns = false;

  get members(): readonly MixMember[] {
    return this.#members;
  }

  add(member: MixMember): void {
    this.#members.push(member);
  }

  /** Takes a member out; its sound fades out in the next frame. */
  remove(member: MixMember, nowMs: number): void {
    const at = this.#members.indexOf(member);
    if (at < 0) return;
    this.#members.splice(at, 1);
    const slot = (this.frame + 1) % HISTORY;
    member.readLast(slot, nowMs);
    if (member.sounds[slot] !== IN_MIX) return;
    if (member.stage.sampleRateHz === 16_000) {
      addTo(this.#lastWide, 0, member.wide, slot * WIDE_FRAME, WIDE_FRAME);
      this.#hasLastWide = true;
    } else {
      addTo(this.#lastNarrow, 0, member.narrow, slot * NARROW_FRAME, NARROW_FRAME);
      this.#hasLastNarrow = true;
    }
  }

  addInput(input: MixInput): void {
    this.#inputs.push(input);
  }

  /** Reads the mixes of other workers' parts from these rings. */
  setReaders(readers: FrameRingReader[]): void {
    this.#readers = readers;
  }

  /** Mixes the next frame. */
  run(nowMs: number): void {
    const frame = this.frame + 1;
    const slot = frame % HISTORY;
    const { narrow, wide } = this;
    const narrowAt = slot * NARROW_FRAME;
    const wideAt = slot * WIDE_FRAME;
    narrow.fill(0, narrowAt, narrowAt + NARROW_FRAME);
    wide.fill(0, wideAt, wideAt + WIDE_FRAME);
    this.#hasNarrow = false;
    this.#hasWide = false;
    for (const member of this.#members) this.#addMember(member, slot, nowMs);
    this.#addLast(narrowAt, wideAt);
    this.#addInputs(narrowAt);
    this.publisher?.write(this.#hasNarrow ? narrow : null, narrowAt, this.#hasWide ? wide : null, wideAt);
    for (const reader of this.#readers) {
      reader.add(narrow, narrowAt, wide, wideAt);
      if (reader.hasNarrow) this.#hasNarrow = true;
      if (reader.hasWide) this.#hasWide = true;
    }
    this.#convert(narrowAt, wideAt);
    const speaks = this.#hasNarrow || this.#hasWide;
    // The filters between the rates ring out a moment longer.
    const sounds = speaks || this.#spoke;
    this.#spoke = speaks;
    this.sounds[slot] = sounds ? 1 : 0;
    this.#limit(slot, sounds);
    this.frame = frame;
  }

  /** The payload of a whole frame for listeners who do not speak, in a codec whose payloads stand for themselves. */
  sharedPayload(codec: AudioCodec, slot: number, frame: number): Uint8Array {
    let shared = this.#shared.find((one) => one.codec === codec);
    if (shared === undefined) {
      const payloads = new Uint8Array(HISTORY * NARROW_FRAME);
      const frames = new Float64Array(HISTORY).fill(-1);
      const slots = Array.from({ length: HISTORY }, (_, at) => {
        return payloads.subarray(at * NARROW_FRAME, (at + 1) * NARROW_FRAME);
      });
      shared = { codec, encoder: codec.createEncoder(), slots, frames };
      this.#shared.push(shared);
    }
    const payload = shared.slots[slot] as Uint8Array;
    if (shared.frames[slot] !== frame) {
      shared.frames[slot] = frame;
      clampInto(this.narrow, slot * NARROW_FRAME, narrowClipped, 0, NARROW_FRAME);
      shared.encoder.encode(narrowClipped, 0, NARROW_FRAME, payload, 0);
    }
    return payload;
  }

  #addMember(member: MixMember, slot: number, nowMs: number): void {
    member.read(slot, nowMs);
    if (member.sounds[slot] !== IN_MIX) return;
    if (member.stage.sampleRateHz === 16_000) {
      addTo(this.wide, slot * WIDE_FRAME, member.wide, slot * WIDE_FRAME, WIDE_FRAME);
      this.#hasWide = true;
    } else {
      addTo(this.narrow, slot * NARROW_FRAME, member.narrow, slot * NARROW_FRAME, NARROW_FRAME);
      this.#hasNarrow = true;
    }
  }

  #addLast(narrowAt: number, wideAt: number): void {
    if (this.#hasLastNarrow) {
      for (let i = 0; i < NARROW_FRAME; i++) {
        this.narrow[narrowAt + i] = (this.narrow[narrowAt + i] as number) + (this.#lastNarrow[i] as number);
      }
      this.#lastNarrow.fill(0);
      this.#hasNarrow = true;
      this.#hasLastNarrow = false;
    }
    if (this.#hasLastWide) {
      for (let i = 0; i < WIDE_FRAME; i++) {
        this.wide[wideAt + i] = (this.wide[wideAt + i] as number) + (this.#lastWide[i] as number);
      }
      this.#lastWide.fill(0);
      this.#hasWide = true;
      this.#hasLastWide = false;
    }
  }

  #addInputs(narrowAt: number): void {
    for (let at = this.#inputs.length - 1; at >= 0; at--) {
      this.#hasNarrow = true;
      if (!(this.#inputs[at] as MixInput).add(this.narrow, narrowAt)) this.#inputs.splice(at, 1);
    }
  }

  /** Gives each rate's listeners the voices of the other rate. */
  #convert(narrowAt: number, wideAt: number): void {
    const { narrow, wide } = this;
    // Both from the sums as they were spoken.
    const hears = this.wideListeners > 0;
    if (hears) clampInto(narrow, narrowAt, narrowClipped, 0, NARROW_FRAME);
    if (this.#hasWide) this.#downFrames = RING_OUT_FRAMES + 1;
    if (this.#downFrames > 0) {
      this.#downFrames--;
      this.#down ??= new RateConverter(16_000, 8000);
      clampInto(wide, wideAt, wideClipped, 0, WIDE_FRAME);
      this.#down.process(wideClipped, 0, WIDE_FRAME, converted, 0);
      addTo(narrow, narrowAt, converted, 0, NARROW_FRAME);
    }
    if (hears) {
      this.#up ??= new RateConverter(8000, 16_000);
      if (!this.#upRuns) this.#up.reset();
      this.#up.process(narrowClipped, 0, NARROW_FRAME, converted, 0);
      addTo(wide, wideAt, converted, 0, WIDE_FRAME);
    }
    this.#upRuns = hears;
  }

  /** Many loud voices at once are turned down together, at once, and come back slowly. */
  #limit(slot: number, sounds: boolean): void {
    const before = this.gains[(slot + HISTORY - 1) % HISTORY] as number;
    let gain = 1;
    if (sounds) {
      let peak = peakOf(this.narrow, slot * NARROW_FRAME, NARROW_FRAME);
      if (this.wideListeners > 0) peak = Math.max(peak, peakOf(this.wide, slot * WIDE_FRAME, WIDE_FRAME));
      if (peak > LIMIT) gain = LIMIT / peak;
    }
    this.gains[slot] = gain < before ? gain : Math.min(gain, before + RECOVERY * (1 - before) + 0.001);
  }
}
