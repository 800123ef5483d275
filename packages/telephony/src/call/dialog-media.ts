import type { MediaSession, PromptRef, SessionStats } from '@voxology/media';
import { SdpError } from '@voxology/media';
import type { Dialog } from '@voxology/sip';
import type { PostInput } from './input.ts';

/** What both kinds of legs share: the media session's events and, once answered, the dialog's. */
export class DialogMedia {
  readonly #session: MediaSession;
  readonly #post: PostInput;
  #dialog: Dialog | null = null;
  #ended = false;

  constructor(session: MediaSession, post: PostInput) {
    this.#session = session;
    this.#post = post;
    session.on('digit', ({ digit, durationMs }) => post({ type: 'digit', digit, durationMs }));
    session.on('playbackEnded', ({ playbackId, outcome }) => post({ type: 'playback_ended', playbackId, outcome }));
    session.on('failed', ({ reason }) => this.#hangUp('media lost', `The media worker died: ${reason}`));
    session.on('rtpTimeout', () => this.#hangUp('no RTP from the remote party', 'RTP time-out'));
  }

  /** From here on the remote party's BYE and new offers are ours to answer. */
  attach(dialog: Dialog): void {
    this.#dialog = dialog;
    dialog.on('bye', () =>
      this.ended({ type: 'ended', status: 'completed', by: 'caller', reason: 'BYE', error: null }),
    );
    dialog.on('reoffer', (offer) => {
      if (offer.sdp === null) {
        offer.accept(this.#session.createOffer());
        return;
      }
      try {
        offer.accept(this.#session.answerOffer(offer.sdp));
      } catch (error) {
        offer.reject(error instanceof SdpError ? error.status : 500);
      }
    });
    dialog.on('confirmedReoffer', (sdp) => {
      // An unusable answer to our own offer leaves the session as it was agreed before (RFC 3261 §14.1).
      if (sdp !== null) this.acceptAnswer(sdp);
    });
    dialog.on('terminated', () =>
      this.ended({
        type: 'ended',
        status: 'failed',
        by: 'caller',
        reason: 'dialog lost',
        error: 'The SIP dialog ended without a BYE',
      }),
    );
  }

  /** Takes the answer to our offer; false when it cannot be used. */
  acceptAnswer(sdp: string): boolean {
    try {
      this.#session.acceptAnswer(sdp);
      return true;
    } catch (error) {
      if (error instanceof SdpError) return false;
      throw error;
    }
  }

  play(playbackId: string, prompt: PromptRef): void {
    this.#session.play(playbackId, prompt);
  }

  stopPlayback(playbackId: string): void {
    this.#session.stopPlayback(playbackId);
  }

  /** BYE for an answered call; the flow hears of the end at once, the BYE's own retransmissions go on behind it. */
  bye(reason: string): void {
    this.#hangUp(reason, null);
  }

  #hangUp(reason: string, error: string | null): void {
    this.ended({ type: 'ended', status: error === null ? 'completed' : 'failed', by: 'api', reason, error });
    // A remote party that does not answer our BYE has gone: the endpoint has retried it for 32 s.
    this.#dialog?.bye().catch(() => undefined);
  }

  /** Posts the end of the call, once. */
  ended(input: Parameters<PostInput>[0] & { type: 'ended' }): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#post(input);
  }

  async release(): Promise<SessionStats | null> {
    return await this.#session.close();
  }
}
