import type { JsonObject } from '@voxology/callflow';
import type { SessionStats } from '@voxology/media';
import type { DialogState } from '@voxology/sip';
import type { CallInput } from '../call/input.ts';
import type { Destination } from '../outbound/destination.ts';
import type { RungPhone } from '../outbound/fork.ts';
import type { Inviter } from '../outbound/inviter.ts';
import type { Offers } from '../outbound/offers.ts';
import { OutboundLeg } from '../outbound/outbound-leg.ts';
import { bestOf, outcomeOfResponse, type TransferOutcome } from './outcome.ts';

/** What becomes of a callee. */
export interface CalleeListener {
  /** `sdp`: the phone sends sound before it answers. */
  progress(callee: Callee, sdp: string | null, phone: RungPhone): void;
  /** A phone will not answer, while others of the callee may. Left out: nobody's business. */
  declined?(callee: Callee, phone: RungPhone): void;
  answered(callee: Callee): void;
  /** Nothing comes after it. */
  ended(callee: Callee, outcome: TransferOutcome): void;
  /** What an answered callee presses, and how it came with what it was played. Left out: nobody's business. */
  heard?(callee: Callee, input: CallInput): void;
  dialogChanged(callee: Callee, dialog: DialogState): void;
  note(type: string, data: JsonObject): void;
}

export interface CalleeOptions {
  /** As the flow names it. */
  no: string;
  destination: Destination;
  from: string;
  offers: Offers;
  ringTimeoutMs: number;
  inviter: Pick<Inviter, 'invite'>;
  listener: CalleeListener;
}

/** One far side of a transfer, on all its phones: rung, answered perhaps, over. */
export class Callee {
  readonly no: string;
  readonly leg: OutboundLeg;
  readonly #listener: CalleeListener;
  /** What the phones said, when none of them answered. */
  #refusal: TransferOutcome | null = null;

  /** Throws when the INVITEs cannot be sent. */
  constructor({ no, destination, from, offers, ringTimeoutMs, inviter, listener }: CalleeOptions) {
    this.no = no;
    this.#listener = listener;
    const outgoing = inviter.invite(destination, { from, offers });
    outgoing.on('progress', ({ status, sdp, phone }) => {
      listener.note('progress', { no, status });
      listener.progress(this, sdp, phone);
    });
    outgoing.on('declined', ({ phone }) => {
      listener.note('declined', { no });
      listener.declined?.(this, phone);
    });
    outgoing.on('failed', ({ status, reason }) => {
      listener.note('failed', { no, status, reason });
      this.#refusal = outcomeOfResponse(status, reason);
    });
    this.leg = new OutboundLeg({
      outgoing,
      offers,
      ringTimeoutMs,
      post: (input) => this.#take(input),
      onAnswer: (dialog) => listener.dialogChanged(this, dialog.snapshot()),
      onRetarget: (dialog) => listener.dialogChanged(this, dialog),
    });
  }

  hangUp(reason: string): void {
    this.leg.hangUp(reason);
  }

  release(): Promise<SessionStats | null> {
    return this.leg.release();
  }

  #take(input: CallInput): void {
    if (input.type === 'answered') {
      this.#listener.answered(this);
    } else if (input.type === 'ended') {
      const { status, error } = input;
      const ending: TransferOutcome = { status, sipStatus: null, error };
      this.#listener.ended(this, this.#refusal === null ? ending : bestOf([this.#refusal, ending]));
    } else this.#listener.heard?.(this, input);
  }
}
