import type { Finding } from './finding.ts';
import type { SteadyTone, Tone } from './steady-tone.ts';

/** ITU-T T.30: 1100 Hz ± 38, half a second on and three off. */
const CNG_HZ = 1100;
const CNG_TOLERANCE_HZ = 42;
const CNG_MIN_MS = 420;
const CNG_MAX_MS = 620;
const CNG_PAUSE_MS = 3000;
const CNG_PAUSE_TOLERANCE_MS = 500;
/** ITU-T T.30 (CED) and V.8 (ANSam): 2100 Hz ± 15 for seconds, ANSam with phase reversals every 450 ms. */
const CED_HZ = 2100;
const CED_TOLERANCE_HZ = 25;
const CED_MIN_MS = 800;
/** A phase reversal parts the tone in two for so long. */
const CED_GAP_MS = 120;

/** Whether a tone is one call of a calling fax. */
export function isCng({ frequencyHz, durationMs }: Tone): boolean {
  return Math.abs(frequencyHz - CNG_HZ) < CNG_TOLERANCE_HZ && durationMs >= CNG_MIN_MS && durationMs <= CNG_MAX_MS;
}

function isCed({ frequencyHz }: Tone): boolean {
  return Math.abs(frequencyHz - CED_HZ) < CED_TOLERANCE_HZ;
}

/** Hears fax machines at either end of their call. */
export class FaxDetector {
  #cngFound = false;
  /** End of the last tone that may have been one. */
  #cngEndMs = Number.NEGATIVE_INFINITY;
  #cedFound = false;
  #cedMs = 0;
  #cedEndMs = 0;

  /** `hasSpoken`: somebody was heard before. No calling fax speaks, but the beep of a machine may sound like one: then it takes two. */
  accept(tone: SteadyTone, endMs: number, hasSpoken: boolean): Finding | null {
    if (!this.#cngFound && tone.ended !== null && isCng(tone.ended)) {
      const pauseMs = tone.ended.startMs - this.#cngEndMs;
      this.#cngEndMs = tone.ended.startMs + tone.ended.durationMs;
      if (!hasSpoken || Math.abs(pauseMs - CNG_PAUSE_MS) <= CNG_PAUSE_TOLERANCE_MS) {
        this.#cngFound = true;
        return found('cng', endMs, tone.ended.frequencyHz);
      }
    }
    if (this.#cedFound) return null;
    if (tone.ended !== null && isCed(tone.ended)) {
      this.#cedMs = this.#before(tone.ended) + tone.ended.durationMs;
      this.#cedEndMs = tone.ended.startMs + tone.ended.durationMs;
    }
    if (!isCed(tone) || this.#before(tone) + tone.durationMs < CED_MIN_MS) return null;
    this.#cedFound = true;
    return found('ced', endMs, tone.frequencyHz);
  }

  /** Length of what was heard of the answer tone before this part of it. */
  #before({ startMs }: Tone): number {
    return startMs - this.#cedEndMs <= CED_GAP_MS ? this.#cedMs : 0;
  }
}

function found(reason: 'cng' | 'ced', atMs: number, frequencyHz: number): Finding {
  return { kind: 'fax', atMs, reason, frequenciesHz: [Math.round(frequencyHz)] };
}
