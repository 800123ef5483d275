import { EventEmitter } from 'node:events';
import type { MediaSession } from '@voxology/media';
import type { CallFailure, Dialog, OutgoingCall } from '@voxology/sip';

interface OutgoingEvents {
  progress: [progress: { readonly status: number; readonly sdp: string | null; readonly phone: RungPhone }];
  /** One of several will not answer any more, others may; `unused`: the session whose offer none of those holds. */
  declined: [declined: { readonly phone: RungPhone; readonly unused: MediaSession | null }];
  /** `session`: whose offer was answered. `sdp`: what came with the answer, else what that phone sent before it. */
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

/** One phone on its way to be answered; which one is told by the object itself. */
export type RungPhone = Pick<OfferedCall, 'session'>;

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
  readonly #pending: Set<OfferedCall>;
  /** What phones sent before an answer: it is not always repeated with it. */
  readonly #earlySdp = new Map<OfferedCall, string>();
  #isAnswered = false;
  #best: OutgoingEvents['failed'][0] | null = null;
  #canceled = false;
  #isOver = false;

  constructor(branches: readonly OfferedCall[]) {
    this.#branches = branches;
    this.#pending = new Set(branches);
    for (const branch of branches) {
      const { call } = branch;
      call.on('progress', ({ status, sdp }) => {
        if (sdp !== null) this.#earlySdp.set(branch, sdp);
        this.#events.emit('progress', { status, sdp, phone: branch });
      });
      call.on('answered', ({ dialog, sdp }) => this.#answered(branch, dialog, sdp));
      call.on('failed', (failure) => this.#failed(branch, failure));
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
    const { session } = branch;
    this.#events.emit('answered', { dialog, sdp: sdp ?? this.#earlySdp.get(branch) ?? null, session });
  }

  /** All must have failed, unless one declines for all of them or answers too late. */
  #failed(branch: OfferedCall, failure: OutgoingEvents['failed'][0]): void {
    this.#pending.delete(branch);
    if (this.#isAnswered || this.#isOver) return;
    if (this.#best === null || rank(failure.status) > rank(this.#best.status)) this.#best = failure;
    const crossed = failure.crossed && this.#canceled;
    const isFinal = crossed || (failure.status !== null && failure.status >= 600);
    if (!isFinal && this.#pending.size > 0) {
      this.#declined(branch);
      return;
    }
    this.#isOver = true;
    for (const { call } of this.#branches) call.cancel();
    this.#events.emit('failed', { ...this.#best, crossed });
  }

  #declined(phone: OfferedCall): void {
    const isUsed = [...this.#pending].some(({ session }) => session === phone.session);
    this.#events.emit('declined', { phone, unused: isUsed ? null : phone.session });
  }
}
