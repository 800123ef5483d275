import type { MediaSession, PromptRef, SessionStats } from '@voxology/media';
import type { Dialog, DialogState } from '@voxology/sip';
import type { RepeatedSound } from '../call/background-sound.ts';
import { DialogMedia } from '../call/dialog-media.ts';
import type { PostInput } from '../call/input.ts';
import type { Leg } from '../call/leg.ts';
import { outcomeOf } from './dial-outcome.ts';
import { COMPLETED_ELSEWHERE, type Outgoing } from './fork.ts';
import type { Offers } from './offers.ts';

export interface OutboundLegOptions {
  outgoing: Outgoing;
  /** What the phones were offered: the one that answers keeps its media, the others' are given back. */
  offers: Offers;
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
  readonly #medias: Map<MediaSession, DialogMedia>;
  /** That of the phone that is heard; until one is, that of the first offer. */
  #session: MediaSession;
  #media: DialogMedia;
  #timer: NodeJS.Timeout;
  #state: 'dialling' | 'answered' | 'over' = 'dialling';
  /** The callee rings, or said something else before an answer. */
  #isHeardOf = false;
  /** Why we canceled, when we did: `no-answer` after the ring time, `canceled` on a command. */
  #canceledAs: 'no-answer' | 'canceled' | null = null;

  constructor(options: OutboundLegOptions) {
    this.#options = options;
    const { outgoing, offers, ringTimeoutMs } = options;
    this.#medias = new Map([...offers.values()].map((session) => [session, this.#mediaOf(session)]));
    const [first] = this.#medias;
    if (first === undefined) throw new Error('a leg needs media to offer');
    [this.#session, this.#media] = first;
    this.#timer = setTimeout(() => this.#cancel('no-answer', 'no answer'), ringTimeoutMs);
    outgoing.on('progress', () => {
      this.#isHeardOf = true;
    });
    outgoing.on('declined', ({ unused }) => {
      if (unused !== null && this.#state === 'dialling') this.#giveBack(unused);
    });
    outgoing.on('answered', ({ dialog, sdp, session }) => this.#answered(dialog, sdp, session));
    outgoing.on('failed', ({ status, reason, crossed }) => this.#failed(status, reason, crossed));
  }

  get session(): MediaSession {
    return this.#session;
  }

  /** What happens to media that no phone uses is nobody's business. */
  #mediaOf(session: MediaSession): DialogMedia {
    const media: DialogMedia = new DialogMedia({
      session,
      post: (input) => {
        if (media === this.#media) this.#options.post(input);
      },
      onLost: (reason, error) => {
        if (media === this.#media) this.#lost(reason, error);
      },
      onRetarget: (dialog) => this.#options.onRetarget(dialog),
    });
    return media;
  }

  #choose(session: MediaSession): void {
    this.#session = session;
    this.#media = this.#medias.get(session) ?? this.#media;
  }

  /** Nobody can answer with it any more, while phones with other media ring on. */
  #giveBack(session: MediaSession): void {
    const media = this.#medias.get(session);
    this.#medias.delete(session);
    const [next] = this.#medias;
    if (session === this.#session && next !== undefined) [this.#session, this.#media] = next;
    void media?.release();
  }

  /** The callee is rung by the INVITE itself. */
  ring(): void {}

  /** It is the callee who may send sound early. */
  earlyMedia(): void {}

  /** Only the callee can answer. */
  answer(): void {}

  /**
   * The phone with this session sends sound before it answers: that is heard from now on.
   *
   * @throws SdpError when its SDP cannot be used.
   */
  takeEarlyMedia(sdp: string, session: MediaSession): void {
    session.acceptAnswer(sdp);
    session.start();
    this.#choose(session);
  }

  #answered(dialog: Dialog, sdp: string | null, session: MediaSession): void {
    clearTimeout(this.#timer);
    if (this.#state !== 'dialling') {
      // The call is over in the books already; the callee must not wait on a line that nobody speaks on.
      dialog.bye().catch(() => undefined);
      return;
    }
    this.#state = 'answered';
    this.#choose(session);
    for (const [other, media] of this.#medias) if (other !== session) void media.release();
    this.#media.attach(dialog);
    this.#options.onAnswer(dialog);
    const unusable = sdp === null ? 'it has no SDP' : this.#media.acceptAnswer(sdp);
    if (unusable !== null) {
      this.#lost('no usable SDP', `The callee's answer cannot be used: ${unusable}`);
      return;
    }
    session.start();
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
      this.#media.ended({ type: 'ended', reason, ...outcomeOf(status, reason) });
    }
  }

  #cancel(as: 'no-answer' | 'canceled', reason: string, told?: string): void {
    if (this.#state !== 'dialling' || this.#canceledAs !== null) return;
    this.#canceledAs = as;
    clearTimeout(this.#timer);
    // A callee that never said anything cannot be canceled (RFC 3261 §9.1), and the call does not wait for its time-out.
    this.#timer = setTimeout(() => this.#failed(487, reason, false), this.#isHeardOf ? CANCEL_GRACE_MS : 0);
    this.#options.outgoing.cancel(told);
    // An answer that crosses the CANCEL is hung up at once: nobody needs the media any more, however long that takes.
    for (const media of this.#medias.values()) void media.release();
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

  /** Somebody else takes the call: as {@link hangUp}, but the phones show no missed call. */
  giveWay(): void {
    if (this.#state === 'answered') this.hangUp('somebody else takes the call');
    else this.#cancel('canceled', 'somebody else takes the call', COMPLETED_ELSEWHERE);
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
    const [stats] = await Promise.all([
      this.#media.release(),
      ...[...this.#medias.values()].filter((media) => media !== this.#media).map((media) => media.release()),
    ]);
    return stats;
  }
}
