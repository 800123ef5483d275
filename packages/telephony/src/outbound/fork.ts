import { EventEmitter } from 'node:events';
import type { OutgoingCall, OutgoingCallEvents } from '@voxology/sip';

/** How much a failure says of the callee; the best of all branches is reported (RFC 3261 §16.7 step 6, simplified). */
function rank(status: number | null): number {
  if (status === null) return 0;
  if (status >= 600) return 5;
  if (status === 486) return 4;
  if (status === 487) return 1;
  return status < 500 ? 3 : 2;
}

/** Several INVITEs to the phones of one user as one: the first answer wins and the others are canceled. */
export class Fork extends EventEmitter<OutgoingCallEvents> implements Pick<OutgoingCall, 'cancel'> {
  readonly #branches: readonly OutgoingCall[];
  #pending: number;
  #winner: OutgoingCall | null = null;
  #best: OutgoingCallEvents['failed'][0] | null = null;

  constructor(branches: readonly OutgoingCall[]) {
    super();
    this.#branches = branches;
    this.#pending = branches.length;
    for (const branch of branches) {
      branch.on('progress', (progress) => this.emit('progress', progress));
      branch.on('answered', (answer) => this.#answered(branch, answer));
      branch.on('failed', (failure) => this.#failed(failure));
    }
  }

  cancel(reason?: string): void {
    for (const branch of this.#branches) branch.cancel(reason);
  }

  #answered(branch: OutgoingCall, answer: OutgoingCallEvents['answered'][0]): void {
    if (this.#winner !== null) {
      // Two phones picked up in the same moment: the second is released (RFC 3261 §13.2.2.4).
      answer.dialog.bye().catch(() => undefined);
      return;
    }
    this.#winner = branch;
    for (const other of this.#branches) if (other !== branch) other.cancel('Call completed elsewhere');
    this.emit('answered', answer);
  }

  #failed(failure: OutgoingCallEvents['failed'][0]): void {
    this.#pending -= 1;
    if (this.#best === null || rank(failure.status) > rank(this.#best.status)) this.#best = failure;
    const declinedByAll = failure.status !== null && failure.status >= 600;
    if (declinedByAll && this.#winner === null) for (const other of this.#branches) other.cancel('Declined');
    if (this.#pending === 0 && this.#winner === null) this.emit('failed', this.#best);
  }
}
