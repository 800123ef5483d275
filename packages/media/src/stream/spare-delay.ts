import { Patience } from '../rtp/patience.ts';

/**
 * A far end that speaks as it goes leaves no more than this waiting; one that sends whole answers at once leaves more, and
 * of those no word may be cut.
 */
const LIVE_MS = 160;
/** More than this is no delay. */
const MOST_DELAY_MS = 1000;
/** Packets over which sound that always waits is taken for delay: at first, and at most. */
const WATCHED_PACKETS = 100;
const MOST_WATCHED_PACKETS = 3200;
/** Packets for which a quiet moment is waited for. */
const QUIET_PACKETS = 100;
/** Up to so many packets of silence are no pause: what should have been heard came late. */
const LATE_PACKETS = 10;

/**
 * Finds out how much of what waits to be heard waits without need. Sound that was late once leaves all that follows late by
 * as much; when nothing was late for two seconds that delay is spare. A far end that is late again soon after it was cut
 * needs it, and is watched for longer the next time.
 */
export class SpareDelay {
  /** What can be left out, in ms: whole packets. */
  spareMs = 0;
  #watched = 0;
  #leastMs = Number.POSITIVE_INFINITY;
  #mostMs = 0;
  readonly #patience = new Patience(WATCHED_PACKETS, MOST_WATCHED_PACKETS);
  #silent = 0;
  #isLive = false;
  #waited = 0;

  /** Whether it is to be left out even in the middle of a word. */
  get isUrgent(): boolean {
    return this.spareMs > 0 && this.#isLive && this.#waited >= QUIET_PACKETS;
  }

  /** A packet was sent, and so much still waits. */
  sent(queuedMs: number, packetMs: number): void {
    if (this.#silent > 0 && this.#silent <= LATE_PACKETS) this.#patience.regret();
    this.#silent = 0;
    this.#patience.step();
    this.#waited++;
    this.spareMs = Math.min(this.spareMs, Math.floor(queuedMs / packetMs) * packetMs);
    this.#leastMs = Math.min(this.#leastMs, queuedMs);
    this.#mostMs = Math.max(this.#mostMs, queuedMs);
    if (++this.#watched >= this.#patience.steps) this.#judge(packetMs);
  }

  /** Nothing was there to be sent. */
  sentSilence(): void {
    this.#silent++;
    this.spareMs = 0;
    this.#watch();
  }

  /** So much was left out. */
  cut(byMs: number): void {
    this.spareMs -= byMs;
    this.#patience.cut();
    this.#watch();
  }

  #judge(packetMs: number): void {
    const isSteady = this.#mostMs - this.#leastMs <= LIVE_MS && this.#mostMs <= MOST_DELAY_MS;
    this.#isLive = this.#mostMs <= LIVE_MS;
    const spareMs = isSteady ? Math.floor(this.#leastMs / packetMs) * packetMs : 0;
    if (this.spareMs === 0) this.#waited = 0;
    this.spareMs = spareMs;
    this.#watch();
  }

  #watch(): void {
    this.#watched = 0;
    this.#leastMs = Number.POSITIVE_INFINITY;
    this.#mostMs = 0;
  }
}
