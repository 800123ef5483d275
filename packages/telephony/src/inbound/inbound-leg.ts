import type { MediaSession, PromptRef, SessionStats } from '@voxology/media';
import type { DialogState, IncomingCall } from '@voxology/sip';
import type { RepeatedSound } from '../call/background-sound.ts';
import { DialogMedia } from '../call/dialog-media.ts';
import type { PostInput } from '../call/input.ts';
import type { Leg } from '../call/leg.ts';

export interface InboundLegOptions {
  incoming: IncomingCall;
  session: MediaSession;
  /** Our SDP for the 200: the answer to the caller's offer, or our offer when the INVITE had none. */
  sdp: string;
  /** Resolves when the call's row is durable: no 200 goes out before (design, the life of a call). */
  recorded: Promise<void>;
  post: PostInput;
  /** The moment of the 200. */
  onAnswer(): void;
  onRetarget(dialog: DialogState): void;
}

/** The leg of a call that came in: we are the UAS. */
export class InboundLeg implements Leg {
  readonly #options: InboundLegOptions;
  readonly #media: DialogMedia;
  #state: 'ringing' | 'answering' | 'answered' | 'over' = 'ringing';
  #hasEarlyMedia = false;

  constructor(options: InboundLegOptions) {
    this.#options = options;
    const { incoming, session, recorded, post, onRetarget } = options;
    this.#media = new DialogMedia({
      session,
      post,
      onLost: (reason, error) => this.#lost(reason, error),
      onRetarget,
    });
    incoming.on('canceled', () => this.#over('canceled', 'caller', 'CANCEL', null));
    incoming.on('unconfirmed', () =>
      this.#over('failed', 'caller', 'no ACK', 'The caller never confirmed our 200 with an ACK'),
    );
    incoming.on('confirmed', ({ sdp }) => this.#confirmed(sdp));
    // A row that is refused matters when the call is to be answered, which may never be.
    recorded.catch(() => undefined);
  }

  get session(): MediaSession {
    return this.#options.session;
  }

  ring(): void {
    // A 180 after early media would make phones play their own ringing tone over it.
    if (this.#state === 'ringing' && !this.#hasEarlyMedia) this.#options.incoming.ring();
  }

  earlyMedia(): void {
    const { incoming, session, sdp } = this.#options;
    if (this.#state !== 'ringing' || this.#hasEarlyMedia) return;
    if (session.agreement === null) {
      // The caller made no offer: there is nothing to answer before the 200.
      incoming.ring();
      return;
    }
    this.#hasEarlyMedia = true;
    incoming.ring(183, { sdp });
    session.start();
  }

  answer(): void {
    if (this.#state !== 'ringing') return;
    this.#state = 'answering';
    this.#options.recorded.then(
      () => {
        // A caller that gave up before this leg listened is told to the call by who made the leg.
        if (this.#state !== 'answering' || this.#options.incoming.isEnded) return;
        this.#state = 'answered';
        this.#media.attach(this.#options.incoming.answer(this.#options.sdp));
        this.#options.onAnswer();
      },
      (error: unknown) => this.#lost('not recorded', `The call could not be recorded: ${String(error)}`),
    );
  }

  #confirmed(sdp: string | null): void {
    // The ACK of a call that we have hung up already lets the BYE go, nothing else.
    if (this.#state !== 'answered') return;
    const unusable = sdp === null ? null : this.#media.acceptAnswer(sdp);
    if (unusable !== null) {
      this.#lost('no usable SDP in the ACK', `The caller's answer to our offer cannot be used: ${unusable}`);
      return;
    }
    if (this.#options.session.agreement === null) {
      this.#lost('no SDP in the ACK', 'The caller neither made an offer nor answered ours');
      return;
    }
    this.#options.session.start();
    this.#options.post({ type: 'answered' });
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

  hangUp(reason: string, sipStatus: number | null): void {
    if (this.#state === 'over') return;
    if (this.#state === 'answered') {
      this.#state = 'over';
      this.#media.bye(reason, null);
      return;
    }
    this.#options.incoming.reject(sipStatus ?? 603);
    this.#over('canceled', 'api', reason, null);
  }

  #lost(reason: string, error: string): void {
    if (this.#state === 'over') return;
    if (this.#state === 'answered') {
      this.#state = 'over';
      this.#media.bye(reason, error);
      return;
    }
    this.#options.incoming.reject(500);
    this.#over('failed', 'api', reason, error);
  }

  #over(status: 'canceled' | 'failed', by: 'caller' | 'api', reason: string, error: string | null): void {
    this.#state = 'over';
    this.#media.ended({ type: 'ended', status, by, reason, error });
  }

  async release(): Promise<SessionStats | null> {
    this.#state = 'over';
    return await this.#media.release();
  }
}
