import type { Clock, Timer } from '../transaction/clock.ts';
import { giveUpMs, type TimerValues } from '../transaction/timer-values.ts';

/**
 * The 2xx of an INVITE is retransmitted until its ACK comes, over every kind of transport (RFC 3261 §13.3.1.4): after
 * T1, doubling up to T2, for 64*T1.
 */
export class AnswerRetransmission {
  readonly #clock: Clock;
  readonly #timers: TimerValues;
  readonly #send: () => void;
  readonly #settled: (acknowledged: boolean) => void;
  readonly #endMs: number;
  #timer: Timer | undefined;

  /** Starts at once; the first copy was sent already. `settled` is told whether the ACK came in time. */
  constructor(clock: Clock, timers: TimerValues, send: () => void, settled: (acknowledged: boolean) => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#send = send;
    this.#settled = settled;
    this.#endMs = clock.now() + giveUpMs(timers);
    this.#wait(timers.t1Ms);
  }

  /** The ACK came. Harmless when repeated. */
  stop(): void {
    if (this.#cancel()) this.#settled(true);
  }

  /** The dialog ended, which makes the ACK needless; nobody is told. */
  abandon(): void {
    this.#cancel();
  }

  #cancel(): boolean {
    if (this.#timer === undefined) return false;
    this.#clock.cancel(this.#timer);
    this.#timer = undefined;
    return true;
  }

  #wait(intervalMs: number): void {
    const leftMs = this.#endMs - this.#clock.now();
    this.#timer = this.#clock.schedule(Math.min(intervalMs, leftMs), () => {
      if (leftMs <= intervalMs) {
        this.#timer = undefined;
        this.#settled(false);
        return;
      }
      this.#send();
      this.#wait(Math.min(2 * intervalMs, this.#timers.t2Ms));
    });
  }
}
