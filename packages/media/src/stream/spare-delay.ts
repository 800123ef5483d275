import { Patience } from '../rtp/patience.ts';

/** A far end that speaks as it goes varies by no more than this; one that sends whole answers at once does. */
const STEADY_WITHIN_MS = 160;
/** More than this is no delay. */
const MOST_DELAY_MS = 1000;
/** Less than this is left where it is. */
const LEAST_SPARE_MS = 5;
/** Packets over which sound that always waits is taken for delay: at first, and at most. */
const WATCHED_PACKETS = 100;
const MOST_WATCHED_PACKETS = 3200;
/** Packets for which a quiet moment is waited for. */
const QUIET_PACKETS = 50;
/** Shortening a few milliseconds at a time, no more often than this, is hardly heard. */
const PACKETS_BETWEEN_CUTS = 5;
/** Up to so many packets of silence are no pause: what should have been heard came late. */
const LATE_PACKETS = 10;
/** Who speaks for so many packets, with no silence of more than that many, speaks all the time: it is no answer that ends. */
const LIVE_AFTER_PACKETS = 250;
const LIVE_PAUSE_PACKETS = 50;
/** Delay of a far end that speaks all the time that disturbs a talk more than its being cut quickly does. */
const MUCH_DELAY_MS = 60;
const PACKETS_BETWEEN_QUICK_CUTS = 2;

/**
 * Finds out how much of what waits to be heard waits without need. Sound that was late once leaves all that follows late by
 * as much; when nothing was late for two seconds that delay is spare. A far end that is late again soon after it was cut
 * needs it, and is watched for longer the next time. Much delay of a far end that speaks all the time, as one that stood
 * still for a moment leaves behind, is found in half the time, and cut at once and faster.
 */
export class SpareDelay {
  /** What can be left out. */
  spareMs = 0;
  #watched = 0;
  #leastMs = Number.POSITIVE_INFINITY;
  #mostMs = 0;
  readonly #patience = new Patience(WATCHED_PACKETS, MOST_WATCHED_PACKETS);
  #silent = 0;
  /** Packets since the last pause. */
  #flowing = 0;
  /** Packets until it is left out of speech, too. */
  #wait = 0;

  /** Whether speech should be shortened now: no quiet moment came. */
  get isUrgent(): boolean {
    return this.spareMs > 0 && this.#wait <= 0;
  }

  /** A packet was sent, and so much still waits. */
  sent(queuedMs: number): void {
    if (this.#silent > 0 && this.#silent <= LATE_PACKETS) this.#patience.regret();
    this.#silent = 0;
    this.#flowing++;
    this.#patience.step();
    this.#wait--;
    this.spareMs = Math.min(this.spareMs, queuedMs);
    this.#leastMs = Math.min(this.#leastMs, queuedMs);
    this.#mostMs = Math.max(this.#mostMs, queuedMs);
    const { steps } = this.#patience;
    if (++this.#watched >= (this.#isMuch(this.#leastMs) ? steps / 2 : steps)) this.#judge();
  }

  /** Nothing was there to be sent. */
  sentSilence(): void {
    if (++this.#silent > LIVE_PAUSE_PACKETS) this.#flowing = 0;
    this.spareMs = 0;
    this.#watch();
  }

  /** So much was left out. */
  cut(byMs: number): void {
    this.spareMs = this.spareMs - byMs < LEAST_SPARE_MS ? 0 : this.spareMs - byMs;
    this.#wait = this.#isMuch(this.spareMs) ? PACKETS_BETWEEN_QUICK_CUTS : PACKETS_BETWEEN_CUTS;
    this.#patience.cut();
    this.#watch();
  }

  #judge(): void {
    const isSteady = this.#mostMs - this.#leastMs <= STEADY_WITHIN_MS && this.#mostMs <= MOST_DELAY_MS;
    if (this.spareMs === 0) this.#wait = this.#isMuch(this.#leastMs) ? 0 : QUIET_PACKETS;
    this.spareMs = isSteady && this.#leastMs >= LEAST_SPARE_MS ? this.#leastMs : 0;
    this.#watch();
  }

  #isMuch(delayMs: number): boolean {
    return delayMs >= MUCH_DELAY_MS && this.#flowing >= LIVE_AFTER_PACKETS;
  }

  #watch(): void {
    this.#watched = 0;
    this.#leastMs = Number.POSITIVE_INFINITY;
    this.#mostMs = 0;
  }
}
