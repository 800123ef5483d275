import type { MediaSession, PromptRef, SessionStats } from '@voxology/media';
import type { Dialog, DialogState } from '@voxology/sip';
import type { RepeatedSound } from '../call/background-sound.ts';
import { DialogMedia } from '../call/dialog-media.ts';
import type { PostInput } from '../call/input.ts';
import type { Leg } from '../call/leg.ts';
import { outcomeOf } from './dial-outcome.ts';
import type { Outgoing } from './fork.ts';

export interface OutboundLegOptions {
  outgoing: Outgoing;
  session: MediaSession;
  /** Ring time without an answer. */
  ringTimeoutMs: number;
  post: PostInput;
  /** The moment of the callee's 200. */
  onAnswer(dialog: Dialog): void;
  onRetarget(dialog: DialogState): void;
}

/** How long a CANCEL may take until the call counts as over. */
const CANCEL_GRACE_MS = 3000;

/** The leg of a call that we made: we are the UAC. */
export class OutboundLeg implements Leg {
  readonly #options: OutboundLegOptions;
  readonly #media: DialogMedia;
  #timer: NodeJS.Timeout;
  #state: 'dialling' | 'answered' | 'over' = 'dialling';
  /** The callee rings, or said something else before an answer. */
  #isHeardOf = false;
  /** Why we canceled, when we did: `no-answer` after the ring time, `canceled` on a command. */
  #canceledAs: 'no-answer' | 'canceled' | null = null;

  constructor(options: OutboundLegOptions) {
    this.#options = options;
    const { outgoing, session, post, onRetarget, ringTimeoutMs } = options;
    this.#media = new DialogMedia({
      session,
      post,
      onLost: (reason, error) => this.#lost(reason, error),
      onRetarget,
    });
    this.#timer = setTimeout(() => this.#cancel('no-answer', 'no answer'), ringTimeoutMs);
    outgoing.on('progress', () => {
      this.#isHeardOf = true;
    });
    outgoing.on('answered', ({ dialog, sdp }) => this.#answered(dialog, sdp));
    outgoing.on('failed', ({ status, reason, crossed }) => this.#failed(status, reason, crossed));
  }

  get session(): MediaSession {
    return this.#options.session;
  }

  /** The callee is rung by the INVITE itself. */
  ring(): void {}

  /** It is the callee who may send sound early. */
  earlyMedia(): void {}

  /** Only the callee can answer. */
  answer(): void {}

  #answered(dialog: Dialog, sdp: string | null): void {
    clearTimeout(this.#timer);
    if (this.#state !== 'dialling') {
      // The call is over in the books already; the callee must not wait on a line that nobody speaks on.
      dialog.bye().catch(() => undefined);
      return;
    }
    this.#state = 'answered';
    this.#media.attach(dialog);
    this.#options.onAnswer(dialog);
    const unusable = this.#takeAnswer(sdp);
    if (unusable !== null) {
      this.#lost('no usable SDP', `The callee's answer cannot be used: ${unusable}`);
      return;
    }
    this.#options.session.start();
    this.#options.post({ type: 'answered' });
  }

  /** The answer may have come with early media already, and is then not always repeated. */
  #takeAnswer(sdp: string | null): string | null {
    if (sdp !== null) return this.#media.acceptAnswer(sdp);
    return this.#options.session.agreement === null ? 'it has no SDP' : null;
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
      this.#media.ended({ type: 'ended', reason, ...outcomeOf(status, reason) });
    }
  }

  #cancel(as: 'no-answer' | 'canceled', reason: string): void {
    if (this.#state !== 'dialling' || this.#canceledAs !== null) return;
    this.#canceledAs = as;
    clearTimeout(this.#timer);
    // A callee that never said anything cannot be canceled (RFC 3261 §9.1), and the call does not wait for its time-out.
    this.#timer = setTimeout(() => this.#failed(487, reason, false), this.#isHeardOf ? CANCEL_GRACE_MS : 0);
    this.#options.outgoing.cancel();
  }

  play(playbackId: string, prompt: PromptRef, offsetMs?: number): void {
    this.#media.play(playbackId, prompt, offsetMs);
  }

  stopPlayback(playbackId: string): void {
    this.#media.stopPlayback(playbackId);
  }

  background(sound: RepeatedSound | null): void {
    this.#media.background(sound);
  }

  sendDigits(sendId: string, digits: string): void {
    this.#media.sendDigits(sendId, digits);
  }

  passKeysTo(session: MediaSession | null): void {
    this.#media.passKeysTo(session);
  }

  hangUp(reason: string): void {
    if (this.#state === 'answered') {
      this.#state = 'over';
      this.#media.bye(reason, null);
    } else this.#cancel('canceled', reason);
  }

  #lost(reason: string, error: string): void {
    if (this.#state === 'over') return;
    clearTimeout(this.#timer);
    if (this.#state === 'dialling') this.#options.outgoing.cancel();
    this.#state = 'over';
    this.#media.bye(reason, error);
  }

  async release(): Promise<SessionStats | null> {
    clearTimeout(this.#timer);
    this.#state = 'over';
    return await this.#media.release();
  }
}
