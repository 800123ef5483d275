import { EventEmitter } from 'node:events';
import type { MediaSession } from '@voxology/media';
import type { CallFailure, Dialog, OutgoingCall } from '@voxology/sip';

interface OutgoingEvents {
  /** `session`: whose offer it is about. */
  progress: [progress: { readonly status: number; readonly sdp: string | null; readonly session: MediaSession }];
  answered: [answer: { readonly dialog: Dialog; readonly sdp: string | null; readonly session: MediaSession }];
  failed: [failure: Omit<CallFailure, 'headers' | 'contacts'>];
}

/** The INVITEs to one destination on their way, as a leg sees them. */
export interface Outgoing {
  on<Name extends keyof OutgoingEvents>(event: Name, listener: (...values: OutgoingEvents[Name]) => void): unknown;
  cancel(reason?: string): void;
}

/** One INVITE, and the media session whose offer it carries. */
export interface OfferedCall {
  call: Pick<OutgoingCall, 'on' | 'cancel'>;
  session: MediaSession;
}

/** Why a phone stops ringing that shall show no missed call (RFC 3326). */
export const COMPLETED_ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"';

/** How much a failure says of the callee; the best of all branches is reported (RFC 3261 §16.7 step 6, simplified). */
function rank(status: number | null): number {
  if (status === null) return 0;
  if (status >= 600) return 5;
  if (status === 486) return 4;
  if (status === 487) return 1;
  return status < 500 ? 3 : 2;
}

/**
 * The INVITEs to all phones of one destination as one: the first answer wins and the others are canceled; a 6xx of one
 * speaks for all (RFC 3261 §16.7 step 5).
 */
export class Fork implements Outgoing {
  readonly #events = new EventEmitter<OutgoingEvents>();
  readonly #branches: readonly OfferedCall[];
  #pending: number;
  #isAnswered = false;
  #best: OutgoingEvents['failed'][0] | null = null;
  #canceled = false;
  #isOver = false;

  constructor(branches: readonly OfferedCall[]) {
    this.#branches = branches;
    this.#pending = branches.length;
    for (const branch of branches) {
      const { call, session } = branch;
      call.on('progress', ({ status, sdp }) => this.#events.emit('progress', { status, sdp, session }));
      call.on('answered', ({ dialog, sdp }) => this.#answered(branch, dialog, sdp));
      call.on('failed', (failure) => this.#failed(failure));
    }
  }

  on<Name extends keyof OutgoingEvents>(event: Name, listener: (...values: OutgoingEvents[Name]) => void): void {
    this.#events.on(event, listener as never);
  }

  cancel(reason?: string): void {
    this.#canceled = true;
    for (const { call } of this.#branches) call.cancel(reason);
  }

  #answered(branch: OfferedCall, dialog: Dialog, sdp: string | null): void {
    if (this.#isAnswered || this.#isOver) {
      // Two phones picked up in the same moment: the second is released (RFC 3261 §13.2.2.4).
      dialog.bye().catch(() => undefined);
      return;
    }
    this.#isAnswered = true;
    for (const other of this.#branches) if (other !== branch) other.call.cancel(COMPLETED_ELSEWHERE);
    this.#events.emit('answered', { dialog, sdp, session: branch.session });
  }

  /** All must have failed, unless one declines for all of them or answers too late. */
  #failed(failure: OutgoingEvents['failed'][0]): void {
    this.#pending -= 1;
    if (this.#isAnswered || this.#isOver) return;
    if (this.#best === null || rank(failure.status) > rank(this.#best.status)) this.#best = failure;
    const crossed = failure.crossed && this.#canceled;
    const isFinal = crossed || (failure.status !== null && failure.status >= 600);
    if (!isFinal && this.#pending > 0) return;
    this.#isOver = true;
    for (const { call } of this.#branches) call.cancel();
    this.#events.emit('failed', { ...this.#best, crossed });
  }
}
