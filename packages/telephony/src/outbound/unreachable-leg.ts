import type { Leg } from '../call/leg.ts';

/** The leg of a call that had nowhere to go: there is no wire, so nothing is done on it. */
export class UnreachableLeg implements Leg {
  ring(): void {}
  answer(): void {}
  play(): void {}
  stopPlayback(): void {}
  hangUp(): void {}

  async release(): Promise<null> {
    return null;
  }
}
