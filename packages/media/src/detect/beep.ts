import { isCng } from './fax.ts';
import type { Finding } from './finding.ts';
import { FRAME_MS } from './frame-reader.ts';
import type { FrameFeatures } from './spectrum.ts';
import type { SteadyTone, Tone } from './steady-tone.ts';

const LOWEST_HZ = 400;
const HIGHEST_HZ = 2200;
const SHORTEST_MS = 80;
const LONGEST_MS = 2000;
/** Monotonous voices come to 0.55. */
const MIN_PURITY = 0.8;
/** The network's own single tone, whose bursts end in silence too. */
const NETWORK_TONE_HZ = 425;
const NETWORK_TONE_TOLERANCE_HZ = 12;
/** Frames of silence behind the tone, and how much quieter they are. */
const SILENT_FRAMES = 3;
const SILENCE_BELOW_DB = 10;
/** From the tone to the silence: its last part of a frame. */
const FRAMES_TO_FADE = 4;
/** Tones this soon one after the other are a signal of the network (special information, ITU-T E.180), not a beep. */
const SEQUENCE_MS = 100;

/** Hears the beep after which an answering machine records: one tone, then silence. */
export class BeepDetector {
  #candidate: Tone | null = null;
  #framesSince = 0;
  #silentFrames = 0;
  #lastEndMs = Number.NEGATIVE_INFINITY;

  /** `mayBeLikeCng`: a tone like a calling fax's is taken for a beep, too. */
  accept(features: FrameFeatures, tone: SteadyTone, mayBeLikeCng: boolean): Finding | null {
    if (tone.ended !== null) this.#consider(tone.ended, mayBeLikeCng);
    const candidate = this.#candidate;
    if (candidate === null) return null;
    this.#framesSince++;
    if (features.levelDbm0 < candidate.levelDbm0 - SILENCE_BELOW_DB) this.#silentFrames++;
    else this.#silentFrames = 0;
    if (this.#silentFrames >= SILENT_FRAMES) {
      this.#candidate = null;
      const { startMs, durationMs, frequencyHz } = candidate;
      return { kind: 'beep', atMs: startMs + durationMs, durationMs, frequenciesHz: [Math.round(frequencyHz)] };
    }
    if (this.#framesSince > FRAMES_TO_FADE + SILENT_FRAMES) this.#candidate = null;
    return null;
  }

  #consider(tone: Tone, mayBeLikeCng: boolean): void {
    const { frequencyHz, startMs, durationMs, purity } = tone;
    const inSequence = startMs - this.#lastEndMs < SEQUENCE_MS;
    this.#lastEndMs = startMs + durationMs;
    this.#candidate = null;
    if (inSequence || purity < MIN_PURITY || (isCng(tone) && !mayBeLikeCng)) return;
    if (frequencyHz < LOWEST_HZ || frequencyHz > HIGHEST_HZ) return;
    if (durationMs < SHORTEST_MS - FRAME_MS || durationMs > LONGEST_MS) return;
    if (Math.abs(frequencyHz - NETWORK_TONE_HZ) < NETWORK_TONE_TOLERANCE_HZ) return;
    this.#candidate = tone;
    this.#framesSince = 0;
    this.#silentFrames = 0;
  }
}
