import type { MediaSession, PromptRef, SessionStats } from '@voxology/media';
import type { Dialog } from '@voxology/sip';
import { DialogMedia } from '../call/dialog-media.ts';
import type { PostInput } from '../call/input.ts';
import type { Leg } from '../call/leg.ts';
import { outcomeOf } from './dial-outcome.ts';
import type { Outgoing } from './fork.ts';

export interface OutboundLegOptions {
  /** One forked branch per contact; the first answer wins. */
  outgoing: Outgoing;
  session: MediaSession;
  /** Ring time without an answer. */
  ringTimeoutMs: number;
  post: PostInput;
  /** The moment of the callee's 200. */
  onAnswer(dialog: Dialog): void;
}

/** How long a CANCEL may take until the call counts as over. */
const CANCEL_GRACE_MS = 3000;

/** The leg of a call that we made: we are the UAC. */
export class OutboundLeg implements Leg {
  readonly #options: OutboundLegOptions;
  readonly #media: DialogMedia;
  #timer: NodeJS.Timeout;
  #state: 'dialling' | 'answered' | 'over' = 'dialling';
  /** Why we canceled, when we did: `no-answer` after the ring time, `canceled` on a command. */
  #canceledAs: 'no-answer' | 'canceled' | null = null;

  constructor(options: OutboundLegOptions) {
    this.#options = options;
    this.#media = new DialogMedia(options.session, options.post);
    this.#timer = setTimeout(() => this.#cancel('no-answer'), options.ringTimeoutMs);
    options.outgoing.on('answered', ({ dialog, sdp }) => this.#answered(dialog, sdp));
    options.outgoing.on('failed', ({ status, reason, crossed }) => this.#failed(status, reason, crossed));
  }

  /** The callee is rung by the INVITE itself. */
  ring(): void {}

  /** Only the callee can answer. */
  answer(): void {}

  #answered(dialog: Dialog, sdp: string | null): void {
    clearTimeout(this.#timer);
    this.#state = 'answered';
    this.#media.attach(dialog);
    this.#options.onAnswer(dialog);
    if (sdp === null || !this.#media.acceptAnswer(sdp)) {
      this.#media.ended({
        type: 'ended',
        status: 'failed',
        by: 'api',
        reason: 'no usable SDP',
        error: 'The callee answered without a codec in common',
      });
      dialog.bye().catch(() => undefined);
      return;
    }
    this.#options.session.start();
    this.#options.post({ type: 'answered' });
  }

  #failed(status: number | null, reason: string, crossed: boolean): void {
    clearTimeout(this.#timer);
    this.#state = 'over';
    if (crossed) {
      this.#media.ended({
        type: 'ended',
        status: 'canceled',
        by: 'api',
        reason: 'answered while we canceled',
        error: null,
      });
    } else if (this.#canceledAs !== null) {
      this.#media.ended({ type: 'ended', status: this.#canceledAs, by: 'api', reason: this.#canceledAs, error: null });
    } else {
      const { status: endStatus, error } = outcomeOf(status, reason);
      this.#media.ended({ type: 'ended', status: endStatus, by: 'caller', reason, error });
    }
  }

  #cancel(as: 'no-answer' | 'canceled'): void {
    if (this.#state !== 'dialling' || this.#canceledAs !== null) return;
    this.#canceledAs = as;
    clearTimeout(this.#timer);
    this.#options.outgoing.cancel();
    // A callee that never said anything cannot be canceled (RFC 3261 §9.1); the call does not wait for its time-out.
    this.#timer = setTimeout(() => this.#failed(487, 'Request Terminated', false), CANCEL_GRACE_MS);
  }

  play(playbackId: string, prompt: PromptRef): void {
    this.#media.play(playbackId, prompt);
  }

  stopPlayback(playbackId: string): void {
    this.#media.stopPlayback(playbackId);
  }

  hangUp(reason: string): void {
    if (this.#state === 'answered') {
      this.#state = 'over';
      this.#media.bye(reason);
    } else this.#cancel('canceled');
  }

  async release(): Promise<SessionStats | null> {
    clearTimeout(this.#timer);
    return await this.#media.release();
  }
}
