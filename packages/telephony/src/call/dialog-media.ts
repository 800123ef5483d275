import type { MediaSession, PromptRef, SessionStats } from '@voxology/media';
import { SdpError } from '@voxology/media';
import type { Dialog, DialogState, IncomingReoffer } from '@voxology/sip';
import { BackgroundSound, type RepeatedSound } from './background-sound.ts';
import type { PostInput } from './input.ts';
import { KeyTones } from './key-tones.ts';
import { PressedKeys } from './pressed-keys.ts';

type Ended = Parameters<PostInput>[0] & { type: 'ended' };

export interface DialogMediaOptions {
  session: MediaSession;
  post: PostInput;
  /** The media is gone for good, answered or not: the leg must end. */
  onLost(reason: string, error: string): void;
  /** The remote party is to be reached elsewhere from now on. */
  onRetarget(dialog: DialogState): void;
}

/** What both kinds of legs share: the media session's events and, once answered, the dialog's. */
export class DialogMedia {
  readonly #options: DialogMediaOptions;
  readonly #keyTones: KeyTones;
  readonly #pressedKeys = new PressedKeys();
  readonly #background: BackgroundSound;
  #dialog: Dialog | null = null;
  #ended = false;
  #keysTo: MediaSession | null = null;

  constructor(options: DialogMediaOptions) {
    this.#options = options;
    const { session, post, onLost } = options;
    this.#keyTones = new KeyTones(session, post);
    this.#background = new BackgroundSound(session);
    session.on('digit', ({ digit, durationMs, method }) => {
      if (this.#pressedKeys.isNew(digit, method, durationMs, performance.now())) {
        post({ type: 'digit', digit, durationMs });
      }
    });
    session.on('playbackEnded', ({ playbackId, outcome }) => {
      if (!this.#background.ended(playbackId)) post({ type: 'playback_ended', playbackId, outcome });
    });
    session.on('failed', ({ reason }) => onLost('media lost', `The media of the call failed: ${reason}`));
    session.on('securityFailed', ({ reason }) =>
      onLost('media not protected', `The keys for the media of the call could not be agreed: ${reason}`),
    );
    session.on('consentLost', ({ silentMs }) =>
      onLost('remote party gone', `The remote party has not asked for media (ICE) for ${Math.round(silentMs)} ms`),
    );
    session.on('rtpTimeout', ({ silentMs }) =>
      onLost('no RTP from the remote party', `No RTP came from the remote party for ${Math.round(silentMs)} ms`),
    );
  }

  /** From here on the remote party's BYE and new offers are ours to answer. */
  attach(dialog: Dialog): void {
    this.#dialog = dialog;
    dialog.on('bye', () =>
      this.ended({ type: 'ended', status: 'completed', by: 'caller', reason: 'BYE', error: null }),
    );
    dialog.on('digit', ({ digit, durationMs }) => {
      if (!this.#pressedKeys.isNew(digit, 'info', durationMs, performance.now())) return;
      this.#keysTo?.forwardDigit(digit);
      this.#options.post({ type: 'digit', digit, durationMs });
    });
    dialog.on('reoffer', (offer) => this.#answerOffer(dialog, offer));
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

  /** Takes the answer to our offer; tells why when it cannot be used. */
  acceptAnswer(sdp: string): string | null {
    try {
      this.#options.session.acceptAnswer(sdp);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  play(playbackId: string, prompt: PromptRef, offsetMs = 0): void {
    this.#background.interrupt(playbackId);
    try {
      this.#options.session.play(playbackId, prompt, { offsetMs });
    } catch (error) {
      this.#background.ended(playbackId);
      throw error;
    }
  }

  background(sound: RepeatedSound | null): void {
    this.#background.set(sound);
  }

  stopPlayback(playbackId: string): void {
    this.#options.session.stopPlayback(playbackId);
  }

  sendDigits(sendId: string, digits: string): void {
    this.#keyTones.send(sendId, digits);
  }

  passKeysTo(session: MediaSession | null): void {
    this.#keysTo = session;
  }

  /**
   * BYE for an answered call, `failed` when there is an error. The flow hears of the end at once, the BYE's own
   * retransmissions go on behind it.
   */
  bye(reason: string, error: string | null): void {
    this.ended({ type: 'ended', status: error === null ? 'completed' : 'failed', by: 'api', reason, error });
    // A remote party that does not answer our BYE has gone: the endpoint has retried it for 32 s.
    this.#dialog?.bye().catch(() => undefined);
  }

  /** Posts the end of the call, once. */
  ended(input: Ended): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#keyTones.stop();
    this.#background.set(null);
    this.#options.post(input);
  }

  async release(): Promise<SessionStats | null> {
    this.#keyTones.stop();
    return await this.#options.session.close();
  }

  #answerOffer(dialog: Dialog, offer: IncomingReoffer): void {
    const { session, onRetarget } = this.#options;
    const { remoteTarget } = dialog.snapshot();
    try {
      offer.accept(offer.sdp === null ? session.createOffer() : session.answerOffer(offer.sdp));
    } catch (error) {
      offer.reject(error instanceof SdpError ? error.status : 500);
      return;
    }
    if (dialog.snapshot().remoteTarget !== remoteTarget) onRetarget(dialog.snapshot());
  }
}
