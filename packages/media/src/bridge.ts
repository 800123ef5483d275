import type { SessionGroup } from './control/session-group.ts';
import { SpannedRoom } from './control/spanned-room.ts';
import type { MediaSession } from './media-session.ts';
import type { SessionEvents } from './session/events.ts';
import type { WorkerCommand } from './worker/protocol.ts';

export interface BridgeInternals {
  bridgeId: number;
  sessions: readonly [MediaSession, MediaSession];
  post: (worker: number, command: WorkerCommand) => void;
}

const PLAIN = { muted: false, held: false, gainDb: 0, coachOf: null };

/**
 * Two sessions that hear each other. On one worker their packets go straight across when both speak the same codec; else
 * they are mixed. Digits go across too, and are reported where they came in.
 */
export class Bridge implements SessionGroup {
  readonly #internals: BridgeInternals;
  /** For legs on different workers. */
  readonly #spanned: SpannedRoom | null;
  readonly #forwarders: [MediaSession, (event: SessionEvents['digit']) => void][] = [];
  #closed = false;

  /** Made by {@link MediaEngine.bridge} only. */
  constructor(internals: BridgeInternals) {
    this.#internals = internals;
    const { bridgeId, sessions, post } = internals;
    const [a, b] = sessions;
    a.enter(this);
    try {
      b.enter(this);
    } catch (error) {
      a.exit(this);
      throw error;
    }
    if (a.worker === b.worker) {
      this.#spanned = null;
      post(a.worker, { type: 'bridge', bridgeId, sessionIds: [a.id, b.id] });
      return;
    }
    this.#spanned = new SpannedRoom({ roomId: bridgeId, reportSpeakers: false, post });
    for (const session of sessions) this.#spanned.join(session.id, session.worker, PLAIN);
    this.#forwardDigits(a, b);
    this.#forwardDigits(b, a);
  }

  /** Both sessions go on with silence. */
  close(): void {
    if (this.#closed) return;
    for (const session of this.#internals.sessions) session.exit(this);
    this.#end();
  }

  /** @internal A bridge with one leg is none any more. */
  sessionEnded(session: MediaSession): void {
    if (this.#closed) return;
    for (const other of this.#internals.sessions) if (other !== session) other.exit(this);
    this.#end();
  }

  #end(): void {
    this.#closed = true;
    const { bridgeId, sessions, post } = this.#internals;
    for (const [session, forward] of this.#forwarders) session.off('digit', forward);
    if (this.#spanned === null) post(sessions[0].worker, { type: 'unbridge', bridgeId });
    else this.#spanned.close();
  }

  /** In-band tones are part of the sound that goes across; events are not. */
  #forwardDigits(from: MediaSession, to: MediaSession): void {
    const forward = ({ digit, method }: SessionEvents['digit']) => {
      if (method === 'rtp-event') to.forwardDigit(digit);
    };
    from.on('digit', forward);
    this.#forwarders.push([from, forward]);
  }
}
