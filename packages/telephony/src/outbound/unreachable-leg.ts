import type { MediaSession, SessionStats } from '@voxology/media';
import type { Leg } from '../call/leg.ts';

/** The leg of a call that had nowhere to go: there is no wire, so nothing is done on it but to give the media back. */
export class UnreachableLeg implements Leg {
  readonly #session: Pick<MediaSession, 'close'> | null;

  constructor(session: Pick<MediaSession, 'close'> | null) {
    this.#session = session;
  }

  ring(): void {}
  answer(): void {}
  play(): void {}
  stopPlayback(): void {}
  sendDigits(): void {}
  hangUp(): void {}

  async release(): Promise<SessionStats | null> {
    await this.#session?.close();
    return null;
  }
}
