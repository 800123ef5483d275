import type { Finding, NetworkTone } from './finding.ts';
import { FRAME_MS } from './frame-reader.ts';
import { HISTORY_FRAMES, type History } from './history.ts';
import type { FrameFeatures } from './spectrum.ts';
import type { SteadyTone, Tone } from './steady-tone.ts';

/** The tones of North America, the United Kingdom and of most others (ITU-T E.180 supplement 2), and what they may mean. */
interface ToneClass {
  frequenciesHz: readonly number[];
  /** Continuous for so long it is the dial tone; null: never. */
  dialAfterMs: number | null;
  busy: boolean;
  ringback: boolean;
}
const CLASSES: readonly ToneClass[] = [
  { frequenciesHz: [350, 440], dialAfterMs: 1000, busy: false, ringback: false },
  { frequenciesHz: [350, 450], dialAfterMs: 1000, busy: false, ringback: false },
  { frequenciesHz: [480, 620], dialAfterMs: null, busy: true, ringback: false },
  { frequenciesHz: [440, 480], dialAfterMs: null, busy: false, ringback: true },
  { frequenciesHz: [400, 450], dialAfterMs: null, busy: false, ringback: true },
  { frequenciesHz: [425], dialAfterMs: 2500, busy: true, ringback: true },
  { frequenciesHz: [400], dialAfterMs: null, busy: true, ringback: true },
];

const FLOOR_DBM0 = -42;
const BAND_LOW_HZ = 320;
const BAND_HIGH_HZ = 650;
/** Part of the energy in the tone's lines, and how far two may be apart. */
const SHARE = 0.75;
const MAX_TWIST = 10 ** (8 / 10);
/** Part of a burst's frames that must show one tone. */
const MAJORITY = 0.6;
/** Ringing: a long burst, or Britain's two short ones, then a long pause. */
const RING_PAUSE_MS = 1500;
const SIT_TOLERANCE_HZ = 25;
const SIT_GAP_MS = 80;
const SIT_HZ: readonly (readonly number[])[] = [[914, 985], [1371, 1429], [1777]];

type Burst = { tone: ToneClass; durationMs: number; gapBeforeMs: number };

/** Hears what the network says in tones: their frequencies from 60 ms of sound, their meaning from the cadence. */
export class NetworkToneDetector {
  readonly #votes = new Int32Array(CLASSES.length);
  #bursts: Burst[] = [];
  #onFrames = 0;
  #offFrames = 0;
  #current: ToneClass | null = null;
  #reported: NetworkTone | null = null;
  #sitStep = 0;
  #sitEndMs = 0;

  accept(features: FrameFeatures, history: History, tone: SteadyTone, endMs: number): Finding | null {
    if (tone.ended !== null && this.#stepOfSit(tone.ended)) return this.#report('sit', [985, 1429, 1777], endMs);
    const { levelDbm0, peakHz, twoPeakShare } = features;
    const on = levelDbm0 > FLOOR_DBM0 && peakHz > BAND_LOW_HZ && peakHz < BAND_HIGH_HZ && twoPeakShare > SHARE;
    const meaning = on ? this.#goOn(history) : this.#pause();
    if (meaning === null) return null;
    const heard = this.#current ?? this.#bursts.at(-1)?.tone;
    return this.#report(meaning, heard?.frequenciesHz ?? [], endMs);
  }

  #goOn(history: History): NetworkTone | null {
    if (this.#onFrames === 0) this.#votes.fill(0);
    this.#onFrames++;
    if (this.#onFrames < HISTORY_FRAMES) return null;
    const index = classify(history);
    if (index >= 0) (this.#votes[index] as number)++;
    this.#current = this.#majority();
    const durationMs = this.#onFrames * FRAME_MS;
    const current = this.#current;
    if (current === null) return null;
    if (current.dialAfterMs !== null && durationMs >= current.dialAfterMs) return 'dial';
    // Nothing else has this pair.
    return current.frequenciesHz[0] === 440 && durationMs >= 800 ? 'ringback' : null;
  }

  #pause(): NetworkTone | null {
    let meaning: NetworkTone | null = null;
    if (this.#onFrames > 0) {
      const tone = this.#current;
      const durationMs = this.#onFrames * FRAME_MS;
      if (tone === null) this.#bursts = [];
      else this.#bursts.push({ tone, durationMs, gapBeforeMs: this.#offFrames * FRAME_MS });
      if (this.#bursts.length > 3) this.#bursts.shift();
      this.#onFrames = 0;
      this.#offFrames = 0;
      this.#current = null;
      meaning = this.#cadence();
    }
    this.#offFrames++;
    return this.#offFrames * FRAME_MS === RING_PAUSE_MS ? this.#ringing() : meaning;
  }

  /** What the last bursts mean. */
  #cadence(): NetworkTone | null {
    const [first, second, third] = this.#bursts.slice(-3);
    if (second === undefined || first === undefined) return null;
    const pair: [Burst, Burst] = third === undefined ? [first, second] : [second, third];
    if (pair[1].tone.busy && pair[0].tone === pair[1].tone && pair.every(isBusyBurst) && isBusyGap(pair[1])) {
      return 'busy';
    }
    if (third === undefined || !third.tone.busy || first.tone !== third.tone || second.tone !== third.tone) return null;
    const quick = [first, second, third].every(({ durationMs }) => within(durationMs, 140, 360));
    return quick && [second, third].every(({ gapBeforeMs }) => within(gapBeforeMs, 140, 360)) ? 'reorder' : null;
  }

  #ringing(): NetworkTone | null {
    const last = this.#bursts.at(-1);
    if (last === undefined || !last.tone.ringback) return null;
    if (within(last.durationMs, 700, 2300)) return 'ringback';
    const before = this.#bursts.at(-2);
    if (before?.tone !== last.tone || !within(last.gapBeforeMs, 140, 280)) return null;
    return within(last.durationMs, 340, 480) && within(before.durationMs, 340, 480) ? 'ringback' : null;
  }

  #majority(): ToneClass | null {
    const looked = this.#onFrames - HISTORY_FRAMES + 1;
    const index = this.#votes.findIndex((votes) => votes >= MAJORITY * looked);
    return CLASSES[index] ?? null;
  }

  #stepOfSit({ frequencyHz, startMs, durationMs }: Tone): boolean {
    const goesOn = this.#sitStep > 0 && startMs - this.#sitEndMs < SIT_GAP_MS;
    const step = goesOn ? this.#sitStep : 0;
    const fits = (SIT_HZ[step] ?? []).some((hz) => Math.abs(frequencyHz - hz) < SIT_TOLERANCE_HZ);
    this.#sitStep = fits && within(durationMs, 160, 480) ? step + 1 : 0;
    this.#sitEndMs = startMs + durationMs;
    if (this.#sitStep < SIT_HZ.length) return false;
    this.#sitStep = 0;
    return true;
  }

  #report(tone: NetworkTone, frequenciesHz: readonly number[], atMs: number): Finding | null {
    if (tone === this.#reported) return null;
    this.#reported = tone;
    return { kind: 'tone', atMs, tone, frequenciesHz: [...frequenciesHz] };
  }
}

/** The index of the tone that fills the last 60 ms, or -1. */
function classify(history: History): number {
  let best = -1;
  let bestShare = SHARE;
  for (let i = 0; i < CLASSES.length; i++) {
    const [lowHz = 0, highHz] = (CLASSES[i] as ToneClass).frequenciesHz;
    const low = history.share(lowHz);
    let share = low;
    if (highHz !== undefined) {
      const high = history.share(highHz);
      if (low > high * MAX_TWIST || high > low * MAX_TWIST) continue;
      share += high;
    }
    if (share <= bestShare) continue;
    best = i;
    bestShare = share;
  }
  return best;
}

function isBusyBurst({ durationMs }: Burst): boolean {
  return within(durationMs, 370, 640);
}

function isBusyGap({ gapBeforeMs }: Burst): boolean {
  return within(gapBeforeMs, 370, 640);
}

function within(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}
