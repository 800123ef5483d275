/** Who is rung for a call that waits, until one of them answers. */
export type QueueAgents = {
  /** Each E.164, a SIP user or a `sip:` URI. */
  targets: string[];
  /** All that are free at once; the first of the list that is free; of those that are free the one rung longest ago. */
  order: 'simultaneous' | 'sequential' | 'round_robin';
  /** As of a `transfer`. */
  callerIdNo: string | null;
  ringTimeoutMs: number;
  /** How long an agent is left alone after a conversation. */
  wrapUpMs: number;
  /** How long one is left alone who did not answer, was busy or could not be reached. */
  retryMs: number;
  /**
   * Whoever answers is asked before the call gets it, as in a `transfer`: `callee_answered` and `callee_ended` tell of it, and
   * `connect_callee` or `hang_up_callee` decides; the leg's `transferId` is the queue's id. One who is hung up counts as `no-answer`.
   */
  screened?: true;
};

/**
 * Calls waiting in line for somebody who connects. Names are scoped by application. Both sides use the same inputs: the
 * call that waits (`enter_queue`) and the one that takes the next (`connect_queue`).
 */
export type QueueEffect =
  | {
      type: 'enter_queue';
      queueId: string;
      name: string;
      /** Refused (`max_size`) when so many wait already; null: no limit but the driver's. */
      maxSize: number | null;
      /** The higher, the earlier its turn; of equals the first come. */
      priority: number;
      /** Null: it waits for somebody who connects. */
      agents: QueueAgents | null;
    }
  /** Bridges with the first in line, as soon as there is one. */
  | { type: 'connect_queue'; queueId: string; name: string }
  /** Out of the line, or the bridge is over; `queue_left` follows, unless the call is over. */
  | { type: 'leave_queue'; queueId: string };

export type QueueInput =
  /** The place in line, 1 is the next; at entering, and whenever it changes. */
  | { type: 'queue_position'; queueId: string; position: number; size: number }
  /** In place of all others; `max_size`, or another reason for people. */
  | { type: 'queue_refused'; queueId: string; reason: string }
  /** An agent is rung for the call, or did not answer; once per agent and stage. `error` says why. */
  | {
      type: 'queue_agent';
      queueId: string;
      no: string;
      stage: 'ringing' | 'busy' | 'no-answer' | 'failed';
      error: string | null;
    }
  /**
   * Bridged with `callId`, whose remote party is `callerNo`; null: with an agent who was rung, `callerNo` as in `targets`.
   * The one who waited has for `waitMs`.
   */
  | { type: 'queue_connected'; queueId: string; callId: string | null; callerNo: string; waitMs: number }
  /** The last: it left before its turn (`left`), or the bridge is over, whoever ended it (`ended`). */
  | { type: 'queue_left'; queueId: string; reason: 'left' | 'ended' };
