/** The base values every SIP timer is made of, in milliseconds (RFC 3261 §17.1.1.1, table 4). */
export interface TimerValues {
  /** Estimate of the round-trip time; default 500. */
  readonly t1Ms: number;
  /** The longest retransmission interval of non-INVITE requests and INVITE responses; default 4000. */
  readonly t2Ms: number;
  /** The longest time a message stays in the network; default 5000. */
  readonly t4Ms: number;
}

export const DEFAULT_TIMERS: TimerValues = { t1Ms: 500, t2Ms: 4000, t4Ms: 5000 };

/** 64*T1: how long anything is tried or awaited (timers B, F, H, J, L, M). */
export function giveUpMs(timers: TimerValues): number {
  return 64 * timers.t1Ms;
}

/** Timer D: at least 32 s on unreliable transports (RFC 3261 §17.1.1.2), longer when T1 was raised. */
export function timerDMs(timers: TimerValues): number {
  return Math.max(64 * DEFAULT_TIMERS.t1Ms, giveUpMs(timers));
}
