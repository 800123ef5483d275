import { RateConverter } from '../dsp/rate-converter.ts';
import { type FrameStage, NARROW_FRAME, WIDE_FRAME } from '../session/frame-stage.ts';
import { applyGain, meanMagnitude } from './samples.ts';

/** Frames of the past that listeners may still ask for: a packet of 60 ms and one frame more. */
export const HISTORY = 4;
/** The length of every fade: 10 ms. */
const FADE_PART = 2;
/** Mean magnitude up to which sound is none: A-law cannot say 0, and a muted phone sends this. */
const SILENT_LEVEL = 8;
/** How fast the level follows the sound, per frame. */
const LEVEL_GAIN = 0.2;

/** What {@link Voice.sounds} holds: nothing, sound for everybody, sound for a single listener. */
export const IN_MIX = 1;
export const WHISPERED = 2;

/** Somebody's sound of the last frames at both rates, as far as it was made, to take out of a mix or put into one. */
export interface Voice {
  readonly narrow: Int16Array;
  readonly wide: Int16Array;
  /** By frame slot: 0, {@link IN_MIX} or {@link WHISPERED}. */
  readonly sounds: Uint8Array;
}

/** One speaker in a mix: a session's frames with its gain, faded whenever that changes. */
export class MixMember implements Voice {
  readonly stage: FrameStage;
  readonly narrow = new Int16Array(HISTORY * NARROW_FRAME);
  readonly wide = new Int16Array(HISTORY * WIDE_FRAME);
  readonly sounds = new Uint8Array(HISTORY);
  /** How loud it has been lately: the mean magnitude of its samples. */
  level = 0;
  /** What broke its decoding; it is silent from then on. */
  error: unknown = null;
  /** The rate it listens at itself, where its voice is taken out. */
  listensAtHz = 8000;
  #whispers = false;
  #willWhisper = false;
  /** Others hear it after the next frame, which fades out for those who do now. */
  #isHandedOver = false;
  #gain = 0;
  #targetGain: number;
  /** Nothing was heard since the fade began at nothing. */
  #fresh = true;
  #converter: RateConverter | null = null;
  #converterFromHz = 0;

  constructor(stage: FrameStage, gain: number) {
    this.stage = stage;
    this.#targetGain = gain;
  }

  /** Whether anybody may hear it: not while it is muted or on hold. */
  get isHeard(): boolean {
    return this.#targetGain > 0;
  }

  /** How loud it is heard from now on, as a factor. */
  setGain(gain: number): void {
    this.#targetGain = gain;
  }

  /** Heard by a single member only. */
  get whispers(): boolean {
    return this.#whispers;
  }

  /** Somebody else is to hear it: everybody, or one. It fades out in the next frame, and in again after that. */
  handOver(whispers: boolean): void {
    this.#willWhisper = whispers;
    this.#isHandedOver = true;
  }

  /** Reads the next frame into `slot`; {@link sounds} tells whether there is any. */
  read(slot: number, nowMs: number): void {
    if (this.error !== null) {
      this.sounds[slot] = 0;
      return;
    }
    try {
      this.#read(slot, nowMs);
    } catch (error) {
      this.error = error;
      this.sounds[slot] = 0;
    }
  }

  /** Reads a last frame that fades out, for those who still hear it. */
  readLast(slot: number, nowMs: number): void {
    const gain = this.#targetGain;
    this.#targetGain = 0;
    this.read(slot, nowMs);
    this.#targetGain = gain;
  }

  #read(slot: number, nowMs: number): void {
    const { stage } = this;
    stage.pull(nowMs);
    const loudness = stage.sounds ? meanMagnitude(stage.samples, stage.n) : 0;
    const from = this.#gain;
    const to = this.#isHandedOver ? 0 : this.#targetGain;
    if (loudness > SILENT_LEVEL) this.#fresh = false;
    // Who enters in the middle of a pause fades in with the first word.
    if (!this.#fresh) this.#gain = to;
    this.level += (loudness * to - this.level) * LEVEL_GAIN;
    const sounds = loudness > SILENT_LEVEL && (from > 0 || to > 0);
    this.sounds[slot] = sounds ? (this.#whispers ? WHISPERED : IN_MIX) : 0;
    if (sounds) this.#store(slot, from, to);
    if (this.#isHandedOver) this.#startAnew();
  }

  #startAnew(): void {
    this.#isHandedOver = false;
    this.#whispers = this.#willWhisper;
    this.#gain = 0;
    this.#fresh = true;
  }

  #store(slot: number, from: number, to: number): void {
    const { samples, n, sampleRateHz } = this.stage;
    const isWide = sampleRateHz === 16_000;
    const target = isWide ? this.wide : this.narrow;
    const at = slot * n;
    for (let i = 0; i < n; i++) target[at + i] = samples[i] as number;
    if (from !== to || to !== 1) applyGain(target, at, n, from, to, Math.floor(n / FADE_PART));
    if (this.#whispers || this.listensAtHz !== sampleRateHz) this.#convert(slot, isWide);
  }

  #convert(slot: number, isWide: boolean): void {
    const fromHz = isWide ? 16_000 : 8000;
    if (this.#converter === null || this.#converterFromHz !== fromHz) {
      this.#converter = new RateConverter(fromHz, 24_000 - fromHz);
      this.#converterFromHz = fromHz;
    }
    const { narrow, wide } = this;
    if (isWide) this.#converter.process(wide, slot * WIDE_FRAME, WIDE_FRAME, narrow, slot * NARROW_FRAME);
    else this.#converter.process(narrow, slot * NARROW_FRAME, NARROW_FRAME, wide, slot * WIDE_FRAME);
  }
}
