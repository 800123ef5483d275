import { FRAME_MS } from './frame-reader.ts';
import { HISTORY_FRAMES, type History } from './history.ts';
import type { FrameFeatures } from './spectrum.ts';

const FLOOR_DBM0 = -42;
const LOWEST_HZ = 330;
const HIGHEST_HZ = 3000;
/** Of a frame, and of 60 ms: voices, too, have frames that are nearly one line, but they do not keep to it. */
const FRAME_SHARE = 0.75;
const HISTORY_SHARE = 0.7;
const STEADY_HZ = 18;
/** So much the level may move from frame to frame. */
const STEADY_DB = 4;
/** Frames within a tone that may be spoilt: phase reversals of fax answer tones, clicks, lost packets. */
const MAX_SPOILT = 1;

/** A single tone, as far as it was heard. */
export interface Tone {
  frequencyHz: number;
  levelDbm0: number;
  /** Time of its first frame, and how long it has lasted; each within a frame. */
  startMs: number;
  durationMs: number;
  /** Part of the energy on its frequency, over 60 ms each; 1: nothing else is heard. */
  purity: number;
}

/** Follows single steady tones of any frequency. */
export class SteadyTone implements Tone {
  frequencyHz = 0;
  levelDbm0 = 0;
  startMs = 0;
  /** 0: no tone now. */
  durationMs = 0;
  purity = 0;
  /** The tone that ended with the last frame; null when none did. */
  ended: Tone | null = null;
  #frames = 0;
  #spoilt = 0;

  accept(features: FrameFeatures, history: History, startMs: number): void {
    this.ended = null;
    if (this.#isTone(features)) {
      if (this.#frames > 0 && this.#continues(features, history)) {
        this.#spoilt = 0;
        this.#frames++;
        const weight = 1 / Math.min(this.#frames, 8);
        this.frequencyHz += (features.peakHz - this.frequencyHz) * weight;
        this.levelDbm0 += (features.levelDbm0 - this.levelDbm0) * weight;
        this.durationMs = startMs + FRAME_MS - this.startMs;
        return;
      }
      this.#end();
      this.#frames = 1;
      this.purity = 0;
      this.#spoilt = 0;
      this.frequencyHz = features.peakHz;
      this.levelDbm0 = features.levelDbm0;
      this.startMs = startMs;
      this.durationMs = FRAME_MS;
      return;
    }
    if (this.#frames > 0 && ++this.#spoilt > MAX_SPOILT) this.#end();
  }

  #isTone({ levelDbm0, peakHz, peakShare }: FrameFeatures): boolean {
    return levelDbm0 > FLOOR_DBM0 && peakShare > FRAME_SHARE && peakHz > LOWEST_HZ && peakHz < HIGHEST_HZ;
  }

  #continues(features: FrameFeatures, history: History): boolean {
    if (Math.abs(features.peakHz - this.frequencyHz) > STEADY_HZ) return false;
    const step = features.levelDbm0 - this.levelDbm0;
    // Its first frame holds only a part of it.
    if (this.#frames === 1) {
      if (step > 0) this.levelDbm0 = features.levelDbm0;
    } else if (step > STEADY_DB) return false;
    if (this.#frames < HISTORY_FRAMES - 1) return true;
    const share = history.share(this.frequencyHz);
    this.purity += (share - this.purity) / (this.#frames - HISTORY_FRAMES + 2);
    return share > HISTORY_SHARE;
  }

  #end(): void {
    if (this.#frames >= HISTORY_FRAMES) {
      const { frequencyHz, levelDbm0, startMs, durationMs, purity } = this;
      this.ended = { frequencyHz, levelDbm0, startMs, durationMs, purity };
    }
    this.#frames = 0;
    this.durationMs = 0;
  }
}
