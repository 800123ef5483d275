import type { MediaSession, SessionStats } from '@voxology/media';
import type { Leg } from '../call/leg.ts';

/** The leg of a call that had nowhere to go: there is no wire, so nothing is done on it but to give the media back. */
export class UnreachableLeg implements Leg {
  /** Nothing is to be heard on it. */
  readonly session = null;
  readonly #unused: Pick<MediaSession, 'close'> | null;

  /** `unused`: media that was reserved for it. */
  constructor(unused: Pick<MediaSession, 'close'> | null) {
    this.#unused = unused;
  }

  ring(): void {}
  earlyMedia(): void {}
  background(): void {}
  answer(): void {}
  play(): void {}
  stopPlayback(): void {}
  sendDigits(): void {}
  passKeysTo(): void {}
  hangUp(): void {}

  async release(): Promise<SessionStats | null> {
    await this.#unused?.close();
    return null;
  }
}
