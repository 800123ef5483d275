import { FRAME_MS } from './frame-reader.ts';
import type { FrameFeatures } from './spectrum.ts';

/** Nothing quieter is ever a voice. */
const FLOOR_DBM0 = -50;
/** A voice stands out of the noise by so much; while somebody speaks, by less. */
const ABOVE_NOISE_DB = 9;
const STAYS_ABOVE_DB = 6;
/** The noise is the quietest of about a second and a half, and no louder than a quiet voice. */
const NOISE_SPAN_FRAMES = 40;
const MAX_NOISE_DBM0 = -30;
const MIN_NOISE_DBM0 = -65;
const FIRST_NOISE_DBM0 = -55;
/** Lines of tones: one or two hold nearly everything. Below, the lowest harmonic of a high voice does it too. */
const LOWEST_TONE_HZ = 330;
const TONE_SHARE = 0.93;
/** Hiss: level with the noise's crossings. Only fricatives have as many, and they stand beside vowels. */
const HISS_CROSSINGS = 0.42;
const FRAMES_TO_BEGIN = 3;
const FRAMES_LOOKED_AT = 4;

/** Whether a frame holds nothing but one or two tones. */
export function isTonal(features: FrameFeatures): boolean {
  if (features.peakHz < LOWEST_TONE_HZ) return false;
  return features.peakShare > TONE_SHARE || features.twoPeakShare > TONE_SHARE + 0.04;
}

/**
 * Voice activity, frame by frame: louder than an adaptive estimate of the noise, and neither a tone nor hiss alone. Needs
 * three of four frames to begin, and keeps on over the pauses between syllables for `hangoverMs`.
 */
export class VoiceActivity {
  readonly #hangoverFrames: number;
  #noiseDbm0 = FIRST_NOISE_DBM0;
  #spanMin = 0;
  #previousSpanMin = FIRST_NOISE_DBM0;
  #spanFrames = 0;
  #history = 0;
  #quietFrames = 0;
  #speaking = false;

  constructor({ hangoverMs = 200 }: { hangoverMs?: number } = {}) {
    this.#hangoverFrames = Math.max(1, Math.round(hangoverMs / FRAME_MS));
  }

  /** Whether the last frame was part of speech, pauses between syllables included. */
  get speaking(): boolean {
    return this.#speaking;
  }

  /** How long it has been quiet within speech, or before it. */
  get quietMs(): number {
    return this.#quietFrames * FRAME_MS;
  }

  /** Takes the next frame. Returns whether this very frame is voiced. */
  accept(features: FrameFeatures): boolean {
    const { levelDbm0 } = features;
    const margin = this.#speaking ? STAYS_ABOVE_DB : ABOVE_NOISE_DB;
    const loud = levelDbm0 > FLOOR_DBM0 && levelDbm0 > this.#noiseDbm0 + margin;
    const tonal = isTonal(features);
    const hiss = !this.#speaking && features.crossings > HISS_CROSSINGS;
    const voiced = loud && !tonal && !hiss;
    this.#followNoise(levelDbm0, tonal);
    this.#history = ((this.#history << 1) | (voiced ? 1 : 0)) & (2 ** FRAMES_LOOKED_AT - 1);
    if (voiced) this.#quietFrames = 0;
    else this.#quietFrames++;
    if (this.#speaking) this.#speaking = this.#quietFrames < this.#hangoverFrames;
    else this.#speaking = voiced && ones(this.#history) >= FRAMES_TO_BEGIN;
    return voiced;
  }

  /** The least of the last two spans: falls at once, rises within two spans. */
  #followNoise(levelDbm0: number, tonal: boolean): void {
    if (tonal) return;
    if (this.#spanFrames === 0 || levelDbm0 < this.#spanMin) this.#spanMin = levelDbm0;
    this.#spanFrames++;
    const least = Math.min(this.#spanMin, this.#previousSpanMin);
    this.#noiseDbm0 = Math.max(MIN_NOISE_DBM0, Math.min(MAX_NOISE_DBM0, least));
    if (this.#spanFrames < NOISE_SPAN_FRAMES) return;
    this.#spanFrames = 0;
    this.#previousSpanMin = this.#spanMin;
  }
}

function ones(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
