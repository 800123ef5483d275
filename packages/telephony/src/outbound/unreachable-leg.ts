import type { SessionStats } from '@voxology/media';
import type { Leg } from '../call/leg.ts';
import { closeOffers, type Offers } from './offers.ts';

/** The leg of a call that had nowhere to go: there is no wire, so nothing is done on it but to give the media back. */
export class UnreachableLeg implements Leg {
  /** Nothing is to be heard on it. */
  readonly session = null;
  readonly #unused: Offers;

  /** `unused`: media that was reserved for it. */
  constructor(unused: Offers) {
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
    await closeOffers(this.#unused);
    return null;
  }
}
