import type { MediaSession, PromptRef, SessionStats } from '@voxology/media';
import type { IncomingCall } from '@voxology/sip';
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
}

/** The leg of a call that came in: we are the UAS. */
export class InboundLeg implements Leg {
  readonly #options: InboundLegOptions;
  readonly #media: DialogMedia;
  #state: 'ringing' | 'answering' | 'answered' | 'over' = 'ringing';

  constructor(options: InboundLegOptions) {
    this.#options = options;
    this.#media = new DialogMedia(options.session, options.post);
    options.incoming.on('canceled', () => this.#over('canceled', 'caller', 'CANCEL', null));
    options.incoming.on('unconfirmed', () =>
      this.#over('failed', 'caller', 'no ACK', 'The caller never confirmed our 200 with an ACK'),
    );
    options.incoming.on('confirmed', ({ sdp }) => this.#confirmed(sdp));
  }

  ring(): void {
    if (this.#state === 'ringing') this.#options.incoming.ring();
  }

  answer(): void {
    if (this.#state !== 'ringing') return;
    this.#state = 'answering';
    this.#options.recorded.then(
      () => {
        if (this.#state !== 'answering') return;
        this.#state = 'answered';
        this.#media.attach(this.#options.incoming.answer(this.#options.sdp));
        this.#options.onAnswer();
      },
      (error: unknown) => {
        if (this.#state === 'over') return;
        this.#options.incoming.reject(500);
        this.#over('failed', 'api', 'not recorded', `The call could not be recorded: ${String(error)}`);
      },
    );
  }

  #confirmed(sdp: string | null): void {
    if (sdp !== null && !this.#media.acceptAnswer(sdp)) {
      this.#media.bye('no codec in common in the answer of the ACK');
      return;
    }
    this.#options.session.start();
    this.#options.post({ type: 'answered' });
  }

  play(playbackId: string, prompt: PromptRef): void {
    this.#media.play(playbackId, prompt);
  }

  stopPlayback(playbackId: string): void {
    this.#media.stopPlayback(playbackId);
  }

  hangUp(reason: string): void {
    if (this.#state === 'over') return;
    if (this.#state === 'answered') {
      this.#state = 'over';
      this.#media.bye(reason);
      return;
    }
    this.#options.incoming.reject(603);
    this.#over('canceled', 'api', reason, null);
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
