import type { RepeatedSound } from '../call/background-sound.ts';
import type { Party } from '../call/party.ts';

/** That it rings, as the caller hears it: by its own exchange as long as nothing of ours may be heard, then from us. */
export class Ringback {
  readonly #party: Party;
  readonly #tone: RepeatedSound;
  /** The caller got our SDP with a 183: its telephone plays no ringing of its own any more. */
  #hasEarlyMedia = false;

  constructor(party: Party, tone: RepeatedSound) {
    this.#party = party;
    this.#tone = tone;
  }

  /** Somebody rings. */
  begin(): void {
    if (this.#isOurs()) this.goOn();
    else this.#party.leg.ring();
  }

  /** What was heard in its place is over; a caller with an exchange that rings has been told long ago. */
  goOn(): void {
    if (this.#isOurs()) this.#party.leg.background(this.#tone);
  }

  /** Sound of a far side is heard in its place, before anybody answers. */
  giveWay(): void {
    const { leg, isAnswered } = this.#party;
    if (!isAnswered) {
      leg.earlyMedia();
      this.#hasEarlyMedia = leg.session?.agreement != null;
    }
    this.end();
  }

  end(): void {
    this.#party.leg.background(null);
  }

  #isOurs(): boolean {
    return this.#party.isAnswered || this.#hasEarlyMedia;
  }
}
