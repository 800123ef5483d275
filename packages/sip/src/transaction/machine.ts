import type { TimerValues } from './timer-values.ts';

/** What the surroundings of a transaction fix for its whole life. */
export interface Surroundings {
  readonly timers: TimerValues;
  /** TCP and its kind: nothing is retransmitted and no stray copies linger. */
  readonly reliable: boolean;
}

/** The retransmission timers; one runs at a time in any state. */
export type RepeatTimer = 'A' | 'E' | 'G';

/** The timers that end a state; one runs at a time in any state. */
export type EndTimer = 'B' | 'D' | 'F' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M';

/** What a state wants done, in order. */
export type Action =
  /** Send the message of the event (the request at the start, or the response the user gave). */
  | { readonly do: 'send' }
  /** Send again what was sent last. */
  | { readonly do: 'resend' }
  /** Send the ACK of a final response other than 2xx. */
  | { readonly do: 'ack' }
  /** Hand the event's message to the transaction user. */
  | { readonly do: 'pass' }
  | { readonly do: 'report'; readonly failure: 'timeout' | 'transport' }
  /** Start the retransmission timer, replacing the one that runs. */
  | { readonly do: 'repeat'; readonly timer: RepeatTimer; readonly ms: number }
  | { readonly do: 'stop-repeat' }
  /** Start the timer that ends the state, replacing the one that runs. */
  | { readonly do: 'end-after'; readonly timer: EndTimer; readonly ms: number }
  | { readonly do: 'stop-end' };

/** The outcome of one event: the next state, what to do, and the retransmission interval to remember. */
export interface Step<State extends string> {
  readonly next: State | 'terminated';
  readonly actions: readonly Action[];
}

export const SEND: Action = { do: 'send' };
export const RESEND: Action = { do: 'resend' };
export const ACK: Action = { do: 'ack' };
export const PASS: Action = { do: 'pass' };
export const TIMEOUT: Action = { do: 'report', failure: 'timeout' };
export const TRANSPORT_FAILED: Action = { do: 'report', failure: 'transport' };
export const STOP_REPEAT: Action = { do: 'stop-repeat' };
export const STOP_END: Action = { do: 'stop-end' };

export function repeat(timer: RepeatTimer, ms: number): Action {
  return { do: 'repeat', timer, ms };
}

export function endAfter(timer: EndTimer, ms: number): Action {
  return { do: 'end-after', timer, ms };
}

/** Nothing to do in this state. */
export function stay<State extends string>(state: State): Step<State> {
  return { next: state, actions: [] };
}
