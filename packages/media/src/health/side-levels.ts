import type { CodecName } from '../codec/audio-codec.ts';
import { sineAmplitude } from '../dsp/dbm0.ts';
import { DecodedLevels } from './decoded-levels.ts';
import { OctetLevels } from './octet-levels.ts';

/** One packet of G.711 of so many is looked at. */
const SAMPLED_EVERY = 5;
/** Below, nobody speaks: the noise of a room. */
const SILENT_POWER = sineAmplitude(-45) ** 2 / 2;
/** Below, nothing is connected: a room always has some noise. */
const DEAD_POWER = sineAmplitude(-65) ** 2 / 2;

const octets = new OctetLevels();

/** The loudness of one direction of a call, from samples of its packets. */
export class SideLevels {
  /** When the first packet came or went; null: none yet. */
  firstMs: number | null = null;
  lastMs = 0;
  /** Whether the far side described the noise of a pause and has said nothing since. */
  pauses = false;
  /** When a packet held anything but dead silence, as far as is known. */
  lastSoundMs = Number.NEGATIVE_INFINITY;
  /** Since when all that came was dead silence, without a pause; null: it was not. */
  deadSinceMs: number | null = null;
  #packets = 0;
  #sampled = 0;
  #silent = 0;
  #clipped = 0;
  #decoded: DecodedLevels | null = null;

  /** Takes one packet of sound. */
  add(codec: CodecName, bytes: Uint8Array, at: number, length: number, nowMs: number): void {
    this.firstMs ??= nowMs;
    this.lastMs = nowMs;
    this.pauses = false;
    if (codec === 'PCMU' || codec === 'PCMA') {
      if (this.#packets++ % SAMPLED_EVERY !== 0) return;
      octets.measure(codec, bytes, at, length);
      this.#note(octets, nowMs);
    } else {
      this.#decoded ??= new DecodedLevels();
      if (this.#decoded.measure(codec, bytes, at, length)) this.#note(this.#decoded, nowMs);
    }
  }

  /** Takes a packet of comfort noise. */
  addPause(nowMs: number): void {
    this.addDigit(nowMs);
    this.pauses = true;
  }

  /** Takes a packet of a digit, also within a pause: no sound, but it shows that somebody is there. */
  addDigit(nowMs: number): void {
    this.firstMs ??= nowMs;
    this.lastMs = nowMs;
    this.deadSinceMs = null;
  }

  /** Part of the sound in which nobody spoke; null: not known. */
  get silenceRatio(): number | null {
    return this.#sampled === 0 ? null : this.#silent / this.#sampled;
  }

  /** Part of the sound that was too loud for its codec; null: not known. */
  get clippingRatio(): number | null {
    return this.#sampled === 0 ? null : this.#clipped / this.#sampled;
  }

  /** Samples taken and those of them that were clipped, for figures of a while. */
  get counts(): { sampled: number; clipped: number } {
    return { sampled: this.#sampled, clipped: this.#clipped };
  }

  #note({ power, clipped }: { power: number; clipped: boolean }, nowMs: number): void {
    this.#sampled++;
    if (power < SILENT_POWER) this.#silent++;
    if (clipped) this.#clipped++;
    if (power < DEAD_POWER) {
      this.deadSinceMs ??= nowMs;
    } else {
      this.lastSoundMs = nowMs;
      this.deadSinceMs = null;
    }
  }
}
