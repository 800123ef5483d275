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
  /** Bridged with `callId`, whose remote party is `callerNo` and who has waited for `waitMs`. */
  | { type: 'queue_connected'; queueId: string; callId: string; callerNo: string; waitMs: number }
  /** The last: it left before its turn (`left`), or the bridge is over, whoever ended it (`ended`). */
  | { type: 'queue_left'; queueId: string; reason: 'left' | 'ended' };
