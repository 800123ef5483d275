import type { Outgoing } from '../session/outgoing.ts';
import type { PacketForward } from '../session/packet-forward.ts';

const TONE_MS = 100;
const GAP_MS = 50;

/** Sends the keys that one session's far side presses to another session, where only sound goes across otherwise. */
export class DigitForward implements PacketForward {
  readonly #outgoing: Outgoing;

  constructor(outgoing: Outgoing) {
    this.#outgoing = outgoing;
  }

  forward(): void {}

  pause(): void {}

  pressed(digit: string): void {
    this.#outgoing.sendDigits(digit, TONE_MS, GAP_MS, false);
  }
}
