import { EventEmitter } from 'node:events';
import type { CallFailure, Dialog } from '@voxology/sip';

export interface OutgoingEvents {
  progress: [progress: { readonly status: number; readonly sdp: string | null }];
  answered: [answer: { readonly dialog: Dialog; readonly sdp: string | null }];
  failed: [failure: Omit<CallFailure, 'headers' | 'contacts'>];
}

/** What a leg needs of an INVITE on its way: one `OutgoingCall`, or a {@link Fork} of several. */
export interface Outgoing {
  on<Name extends keyof OutgoingEvents>(event: Name, listener: (...values: OutgoingEvents[Name]) => void): unknown;
  cancel(reason?: string): void;
}

/** How much a failure says of the callee; the best of all branches is reported (RFC 3261 §16.7 step 6, simplified). */
function rank(status: number | null): number {
  if (status === null) return 0;
  if (status >= 600) return 5;
  if (status === 486) return 4;
  if (status === 487) return 1;
  return status < 500 ? 3 : 2;
}

export interface ForkOptions {
  /** Whether a 6xx of one speaks for all: it does for the phones of one user (RFC 3261 §16.7 step 5). */
  declineEndsAll: boolean;
}

/** Several INVITEs as one: the first answer wins and the others are canceled. */
export class Fork implements Outgoing {
  readonly #events = new EventEmitter<OutgoingEvents>();
  readonly #branches: readonly Outgoing[];
  readonly #declineEndsAll: boolean;
  #pending: number;
  #winner: Outgoing | null = null;
  #best: OutgoingEvents['failed'][0] | null = null;
  #canceled = false;
  #isOver = false;

  constructor(branches: readonly Outgoing[], { declineEndsAll }: ForkOptions) {
    this.#branches = branches;
    this.#declineEndsAll = declineEndsAll;
    this.#pending = branches.length;
    for (const branch of branches) {
      branch.on('progress', (progress) => this.#events.emit('progress', progress));
      branch.on('answered', (answer) => this.#answered(branch, answer));
      branch.on('failed', (failure) => this.#failed(failure));
    }
  }

  on<Name extends keyof OutgoingEvents>(event: Name, listener: (...values: OutgoingEvents[Name]) => void): void {
    this.#events.on(event, listener as never);
  }

  cancel(reason?: string): void {
    this.#canceled = true;
    for (const branch of this.#branches) branch.cancel(reason);
  }

  #answered(branch: Outgoing, answer: OutgoingEvents['answered'][0]): void {
    if (this.#winner !== null || this.#isOver) {
      // Two phones picked up in the same moment: the second is released (RFC 3261 §13.2.2.4).
      answer.dialog.bye().catch(() => undefined);
      return;
    }
    this.#winner = branch;
    for (const other of this.#branches)
      if (other !== branch) other.cancel('SIP;cause=200;text="Call completed elsewhere"');
    this.#events.emit('answered', answer);
  }

  /** All must have failed, unless one declines for all of them or answers too late. */
  #failed(failure: OutgoingEvents['failed'][0]): void {
    this.#pending -= 1;
    if (this.#winner !== null || this.#isOver) return;
    if (this.#best === null || rank(failure.status) > rank(this.#best.status)) this.#best = failure;
    const crossed = failure.crossed && this.#canceled;
    const isFinal = crossed || (this.#declineEndsAll && failure.status !== null && failure.status >= 600);
    if (!isFinal && this.#pending > 0) return;
    this.#isOver = true;
    for (const branch of this.#branches) branch.cancel();
    this.#events.emit('failed', { ...this.#best, crossed });
  }
}
