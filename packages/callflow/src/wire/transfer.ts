/** How a transfer ended: `completed` when somebody answered, whoever hung up then. */
export type TransferStatus = 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled';

/**
 * A far side of a transfer that has answered and is not connected yet, or an agent whom a queue has rung: `transferId` is then
 * the queue's id. `no` as in the `targets`.
 */
export type CalleeLeg = { transferId: string; no: string };

/**
 * A call connected with others.
 *
 * - `transfer` rings all `targets` at once, each E.164, a SIP user or a `sip:` URI, and bridges the call with the first that
 *   answers; the others are cancelled. Numbers that are tried one after the other are several transfers.
 * - While the call itself is not answered, the far side's ringing and early media are passed on to it; the interpreter
 *   answers it (`answer`) when the far side has answered, and the bridge stands as soon as both are up.
 * - A `play` of the flow during a transfer sounds in place of the far side until it ends; the caller's keys go on being
 *   reported as `digit` and are passed on to the far side too.
 * - When it is `screened`, a far side that answers is not connected: each is told of by `callee_answered`, the flow plays to
 *   it and hears its keys (`leg` of `play`, `send_digits` and `digit`), and `connect_callee` or `hang_up_callee` decides. The
 *   caller goes on hearing that it rings, the other targets go on ringing.
 * - The longest time, the key that hangs up and the order are the interpreter's business.
 */
export type TransferEffect =
  | {
      type: 'transfer';
      transferId: string;
      targets: string[];
      /** What the far side sees; null: the number of the caller where it may be shown, else the account's own. */
      callerIdNo: string | null;
      /** How long it may ring; then CANCEL, and `no-answer`. */
      ringTimeoutMs: number;
      /** Whoever answers is asked before it is connected. */
      screened?: true;
    }
  /**
   * The callee is bridged with the call and `transfer_answered` follows, of an agent `queue_connected`; nothing when it has gone,
   * or another one is.
   */
  | { type: 'connect_callee'; leg: CalleeLeg }
  /** BYE to a callee that shall not be connected; it counts as `no-answer`. `callee_ended` follows. */
  | { type: 'hang_up_callee'; leg: CalleeLeg }
  /**
   * Ends it: BYE to the far side when it has answered, CANCEL while it rings. The bridge is gone at once, so that the
   * call may do something else; `transfer_ended` follows, unless the call is over.
   */
  | { type: 'end_transfer'; transferId: string };

export type TransferInput =
  /** A far side rings (180), or sends sound before it answers (183). Once per target and stage. */
  | { type: 'transfer_progress'; transferId: string; no: string; stage: 'ringing' | 'early_media' }
  /** Of a screened transfer, or of agents who are asked: one has answered, and waits. */
  | { type: 'callee_answered'; leg: CalleeLeg }
  /** One that had answered so has gone without being connected. */
  | { type: 'callee_ended'; leg: CalleeLeg }
  /** The call and a far side are connected. `no` as in `targets`. */
  | { type: 'transfer_answered'; transferId: string; no: string }
  /**
   * Nobody answered, or the bridge is over: always the last of a transfer. Of several targets that did not answer the
   * best counts: busy before no-answer before failed. `sipStatus` and `error` say why it did not come about.
   */
  | {
      type: 'transfer_ended';
      transferId: string;
      status: TransferStatus;
      sipStatus: number | null;
      error: string | null;
    };
