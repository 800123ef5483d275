const SHORTEST_PERIOD_MS = 5;
const LONGEST_PERIOD_MS = 15;
/** Sound in which the period is sought. */
const MATCH_MS = 20;
/** Every second sample at 8 kHz is enough to find the period roughly. */
const COARSE_RATE_HZ = 4000;
/** Three periods of the longest kind and the quarter before them that the joints are blended with. */
const HISTORY_MS = 3 * LONGEST_PERIOD_MS + LONGEST_PERIOD_MS / 4;
/** A single period repeated for long sounds like a machine: after each of these one more takes part. */
const MORE_PERIODS_EVERY_MS = 10;
const MOST_PERIODS = 3;
const FULL_LEVEL_MS = 10;
const SILENT_AFTER_MS = 60;
/** The first sound after a loss is blended in over a quarter of a period and this much more per 10 ms lost. */
const BLEND_MS_PER_10_MS = 4;
const LONGEST_BLEND_MS = 10;

/**
 * Continues a waveform over lost packets, in the manner of G.711 Appendix I but without its delay: the last periods of
 * the voice are repeated, fading out from 10 to 60 ms, and what comes after the loss is blended in.
 *
 * One instance serves one stream. Nothing is allocated after construction.
 */
export class LossConcealer {
  readonly #perMs: number;
  readonly #coarse: number;
  readonly #history: Float32Array;
  /** The repeated piece: a copy of the history with smooth joints. */
  readonly #piece: Float32Array;
  #period = 0;
  /** Where the repeated periods begin in the piece, and where the next sample is taken. */
  #start = 0;
  #position = 0;
  #periods = 1;
  /** Samples made since the last good sound; 0: nothing is being concealed. */
  #made = 0;
  /** What is left of the step between the last good sample and the first made one. */
  #step = 0;
  #stepFade = 0;

  constructor(sampleRateHz: number) {
    this.#perMs = sampleRateHz / 1000;
    this.#coarse = Math.max(1, Math.round(sampleRateHz / COARSE_RATE_HZ));
    const length = Math.ceil(HISTORY_MS * this.#perMs);
    this.#history = new Float32Array(length);
    this.#piece = new Float32Array(length);
  }

  /** Whether the last sound was made here. */
  get concealing(): boolean {
    return this.#made > 0;
  }

  /** Takes good sound; the first after a loss is changed in place so that it follows smoothly. */
  heard(samples: Int16Array, at: number, n: number): void {
    if (this.#made > 0) {
      this.#blendIn(samples, at, n);
      this.#made = 0;
    }
    this.#remember(samples, at, n);
  }

  /** Writes `n` samples in place of lost ones. */
  conceal(target: Int16Array, at: number, n: number): void {
    if (this.#made === 0) this.#begin();
    for (let i = 0; i < n; i++) target[at + i] = this.#next();
    this.#remember(target, at, n);
  }

  #remember(samples: Int16Array, at: number, n: number): void {
    const history = this.#history;
    const taken = Math.min(n, history.length);
    history.copyWithin(0, taken);
    const from = at + n - taken;
    const to = history.length - taken;
    for (let i = 0; i < taken; i++) history[to + i] = samples[from + i] as number;
  }

  #blendIn(samples: Int16Array, at: number, n: number): void {
    const quarterMs = this.#period / 4 / this.#perMs;
    const lostMs = this.#made / this.#perMs;
    const blendMs = Math.min(LONGEST_BLEND_MS, quarterMs + (BLEND_MS_PER_10_MS * lostMs) / 10);
    const length = Math.min(n, Math.round(blendMs * this.#perMs));
    for (let i = 0; i < length; i++) {
      const weight = (i + 1) / (length + 1);
      const real = samples[at + i] as number;
      samples[at + i] = Math.round(real * weight + this.#next() * (1 - weight));
    }
  }

  #begin(): void {
    this.#period = this.#findPeriod();
    this.#piece.set(this.#history);
    this.#repeat(1);
    this.#position = this.#start;
    const history = this.#history;
    const last = history[history.length - 1] as number;
    this.#step = last - (history[history.length - 1 - this.#period] as number);
    this.#stepFade = 1 - 1 / Math.max(1, this.#period / 8);
  }

  /** Makes the last `periods` periods the repeated piece: its end is blended into what came before its start. */
  #repeat(periods: number): void {
    const history = this.#piece;
    const end = history.length;
    const quarter = this.#period >> 2;
    this.#periods = periods;
    this.#start = end - periods * this.#period;
    // The piece holds the sound as it was before the loss up to here; later joints lie over earlier ones.
    for (let i = 0; i < quarter; i++) {
      const weight = (i + 1) / (quarter + 1);
      const own = history[end - quarter + i] as number;
      history[end - quarter + i] = own * (1 - weight) + (history[this.#start - quarter + i] as number) * weight;
    }
  }

  #next(): number {
    const piece = this.#piece;
    const ms = this.#made++ / this.#perMs;
    if (ms >= SILENT_AFTER_MS) return 0;
    if (this.#position === piece.length) {
      if (this.#periods < MOST_PERIODS && ms >= this.#periods * MORE_PERIODS_EVERY_MS) this.#repeat(this.#periods + 1);
      this.#position = this.#start;
    }
    const gain = ms < FULL_LEVEL_MS ? 1 : (SILENT_AFTER_MS - ms) / (SILENT_AFTER_MS - FULL_LEVEL_MS);
    const sample = ((piece[this.#position++] as number) + this.#step) * gain;
    this.#step *= this.#stepFade;
    return sample > 32_767 ? 32_767 : sample < -32_768 ? -32_768 : Math.round(sample);
  }

  /** The lag at which the last sound is most like itself. */
  #findPeriod(): number {
    const { length } = this.#history;
    const match = MATCH_MS * this.#perMs;
    const shortest = SHORTEST_PERIOD_MS * this.#perMs;
    const longest = LONGEST_PERIOD_MS * this.#perMs;
    let best = longest;
    let bestLikeness = Number.NEGATIVE_INFINITY;
    for (let lag = shortest; lag <= longest; lag += this.#coarse) {
      const likeness = this.#likeness(length - match, lag, this.#coarse);
      if (likeness <= bestLikeness) continue;
      bestLikeness = likeness;
      best = lag;
    }
    if (this.#coarse === 1) return best;
    const from = Math.max(shortest, best - this.#coarse + 1);
    const to = Math.min(longest, best + this.#coarse - 1);
    bestLikeness = Number.NEGATIVE_INFINITY;
    for (let lag = from; lag <= to; lag++) {
      const likeness = this.#likeness(length - match, lag, 1);
      if (likeness <= bestLikeness) continue;
      bestLikeness = likeness;
      best = lag;
    }
    return best;
  }

  /** Normalized cross-correlation of the sound from `from` on with that of `lag` samples before. */
  #likeness(from: number, lag: number, step: number): number {
    const history = this.#history;
    let product = 0;
    let energy = 1;
    for (let i = from; i < history.length; i += step) {
      const before = history[i - lag] as number;
      product += (history[i] as number) * before;
      energy += before * before;
    }
    return product / Math.sqrt(energy);
  }
}
