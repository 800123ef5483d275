const HALF = 0x8000;

/** The rollover counter of one SSRC (RFC 3711 §3.3.1). */
export class PacketIndex {
  roc: number;
  #highest: number;

  constructor(roc: number, sequence: number) {
    this.roc = roc;
    this.#highest = sequence;
  }

  /** The rollover counter that belongs to a sequence number near the highest one; -1 for one from before the start. */
  rocOf(sequence: number): number {
    if (this.#highest < HALF) return sequence - this.#highest > HALF ? this.roc - 1 : this.roc;
    return this.#highest - HALF > sequence ? this.roc + 1 : this.roc;
  }

  /** Takes an authentic packet. */
  add(roc: number, sequence: number): void {
    if (roc < this.roc || (roc === this.roc && sequence <= this.#highest)) return;
    this.roc = roc;
    this.#highest = sequence;
  }
}
