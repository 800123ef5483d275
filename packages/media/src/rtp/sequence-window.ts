/** What a sequence number is to the ones before it. */
export type SequenceVerdict = 'next' | 'late' | 'duplicate' | 'suspect' | 'restart';

// RFC 3550 appendix A.1 names these two limits; the window replaces its misorder limit of 100.
const MAX_DROPOUT = 3000;
const WINDOW = 64;
const SLOT = WINDOW - 1;
const CYCLE = 0x10000;

/**
 * Follows one SSRC's sequence numbers over their wrap (RFC 3550 appendix A.1): tells late packets from duplicates within
 * the last 64, and takes a jump for a restart only when the next packet confirms it.
 */
export class SequenceWindow {
  // The extended number last seen in each slot; numbers do not repeat for a year, so equality means duplicate.
  readonly #seen = new Int32Array(WINDOW).fill(-1);
  #base = 0;
  #highest = -1;
  #confirms = -1;
  #received = 0;

  /** Takes the next packet's 16-bit number. `suspect` and `duplicate` packets must not be used. */
  accept(sequence: number): SequenceVerdict {
    if (this.#highest < 0) {
      this.#restart(sequence);
      return 'restart';
    }
    const ahead = (sequence - this.#highest) & 0xffff;
    if (ahead !== 0 && ahead < MAX_DROPOUT) {
      this.#highest += ahead;
      this.#seen[this.#highest & SLOT] = this.#highest;
      this.#received++;
      this.#confirms = -1;
      return 'next';
    }
    const behind = 0x10000 - (ahead === 0 ? 0x10000 : ahead);
    if (behind < WINDOW) {
      const extended = this.#highest - behind;
      if (extended < 0 || this.#seen[extended & SLOT] === extended) return 'duplicate';
      this.#seen[extended & SLOT] = extended;
      if (extended < this.#base) this.#base = extended;
      this.#received++;
      return 'late';
    }
    if (sequence === this.#confirms) {
      this.#restart(sequence);
      return 'restart';
    }
    this.#confirms = (sequence + 1) & 0xffff;
    return 'suspect';
  }

  /** Packets missing between the first and the highest number since the last restart. */
  get lost(): number {
    return Math.max(0, this.expected - this.received);
  }

  /** Packets from the first to the highest number since the last restart, those that did not come included. */
  get expected(): number {
    return this.#highest < 0 ? 0 : this.#highest - this.#base + 1;
  }

  /** Packets that came since the last restart, duplicates not counted. */
  get received(): number {
    return this.#highest < 0 ? 0 : this.#received;
  }

  /** The highest number, with the count of its wraps above the lower 16 bits (RFC 3550 §6.4.1). */
  get extendedHighest(): number {
    return this.#highest < 0 ? 0 : this.#highest - CYCLE;
  }

  /** Forgets everything, for a new SSRC. */
  reset(): void {
    this.#highest = -1;
    this.#confirms = -1;
  }

  #restart(sequence: number): void {
    // One cycle of headroom keeps late packets from before the first one positive.
    this.#base = sequence + CYCLE;
    this.#highest = this.#base;
    this.#confirms = -1;
    this.#received = 1;
    this.#seen.fill(-1);
    this.#seen[this.#highest & SLOT] = this.#highest;
  }
}
