import { RecentMinimum } from './recent-minimum.ts';

/** The fastest packet of this span is taken for one that nothing delayed; longer, and a drifting clock would mislead. */
const BASE_SPAN_MS = 4000;
const BIN_MS = 5;
/** Packets are judged in intervals by their slowest one, so a burst after one stall counts once, not for each packet. */
const INTERVAL_MS = 500;
/** Weight of an interval after the next one; about 20 intervals (10 s) are remembered. */
const MEMORY = 0.95;
const QUANTILE = 0.9;

/**
 * How much later than the fastest ones packets come, from their transit times (arrival less RTP time; only differences
 * matter, so the clocks need not agree and may drift apart slowly).
 */
export class ArrivalDelay {
  readonly #base = new RecentMinimum(BASE_SPAN_MS);
  readonly #weights: Float64Array;
  readonly #mostMs: number;
  #total = 0;
  #quantileMs = 0;
  #worst = 0;
  #worstBefore = 0;
  #intervalEndMs = Number.NEGATIVE_INFINITY;

  constructor(maxDelayMs: number) {
    this.#weights = new Float64Array(Math.ceil(maxDelayMs / BIN_MS));
    this.#mostMs = this.#weights.length * BIN_MS;
  }

  /** The transit time of a packet that nothing delays; infinite before the first packet. */
  get baseMs(): number {
    return this.#base.value;
  }

  /** How long the fastest packet must wait so that (nearly) no packet is late, up to the limit. */
  get neededMs(): number {
    return Math.min(Math.max(this.#quantileMs, this.#worst, this.#worstBefore), this.#mostMs);
  }

  /** The same, without the rounding up to whole bins: less than this was too little lately. */
  get leastNeededMs(): number {
    return Math.max(this.#quantileMs - BIN_MS, Math.min(Math.max(this.#worst, this.#worstBefore), this.#mostMs));
  }

  observe(transitMs: number, nowMs: number): void {
    this.#base.add(transitMs, nowMs);
    if (nowMs >= this.#intervalEndMs) this.#endInterval(nowMs);
    const delayMs = transitMs - this.#base.value;
    if (delayMs > this.#worst) this.#worst = delayMs;
  }

  /** The far side's clock or the way to it has changed for good: delays count from this transit time on. */
  rebase(transitMs: number, nowMs: number): void {
    this.#base.clear();
    this.#base.add(transitMs, nowMs);
  }

  #endInterval(nowMs: number): void {
    if (this.#intervalEndMs > Number.NEGATIVE_INFINITY) this.#learn(this.#worst);
    this.#worstBefore = this.#worst;
    this.#worst = 0;
    this.#intervalEndMs = nowMs + INTERVAL_MS;
  }

  #learn(delayMs: number): void {
    const weights = this.#weights;
    const last = weights.length - 1;
    for (let i = 0; i <= last; i++) weights[i] = (weights[i] as number) * MEMORY;
    const bin = Math.min(Math.floor(delayMs / BIN_MS), last);
    weights[bin] = (weights[bin] as number) + 1;
    this.#total = this.#total * MEMORY + 1;
    let sum = 0;
    let at = 0;
    while (at < last && sum + (weights[at] as number) < this.#total * QUANTILE) sum += weights[at++] as number;
    this.#quantileMs = (at + 1) * BIN_MS;
  }
}
