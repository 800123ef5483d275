/** How far behind the highest nonce count a late request may be: requests overtake each other over UDP. */
const WINDOW = 32;

interface Counted {
  madeAtMs: number;
  highest: number;
  /** Bit n tells that `highest - n` was seen. */
  seen: number;
}

/**
 * Remembers which nonce counts were used, so that a request recorded on the wire cannot be sent again (RFC 7616 §3.4.5).
 * Holds at most `maxNonces` nonces, and only those that came with right credentials. Where one had to be forgotten,
 * every nonce as old or older that is not remembered counts as used.
 */
export class NonceCounts {
  readonly #maxNonces: number;
  readonly #nonces = new Map<string, Counted>();
  #forgottenUpToMs = Number.NEGATIVE_INFINITY;

  constructor(maxNonces: number) {
    this.#maxNonces = maxNonces;
  }

  /** Number of nonces remembered. */
  get size(): number {
    return this.#nonces.size;
  }

  /** Marks a count of a nonce as used; false when it was used before or is too old to tell. */
  use(nonce: string, madeAtMs: number, count: number): boolean {
    const counted = this.#nonces.get(nonce);
    if (counted === undefined) {
      if (madeAtMs <= this.#forgottenUpToMs) return false;
      this.#nonces.set(nonce, { madeAtMs, highest: count, seen: 1 });
      if (this.#nonces.size > this.#maxNonces) this.#forgetFirst();
      return true;
    }
    const behind = counted.highest - count;
    if (behind < 0) {
      counted.seen = -behind >= WINDOW ? 1 : (counted.seen << -behind) | 1;
      counted.highest = count;
      return true;
    }
    if (behind >= WINDOW || (counted.seen & (1 << behind)) !== 0) return false;
    counted.seen |= 1 << behind;
    return true;
  }

  /** Forgets nonces made at or before `timeMs`, which are expired anyway. Stops at the first that is younger. */
  forgetMadeBefore(timeMs: number): void {
    for (const [nonce, { madeAtMs }] of this.#nonces) {
      if (madeAtMs > timeMs) break;
      this.#nonces.delete(nonce);
    }
  }

  #forgetFirst(): void {
    for (const [nonce, { madeAtMs }] of this.#nonces) {
      this.#nonces.delete(nonce);
      this.#forgottenUpToMs = Math.max(this.#forgottenUpToMs, madeAtMs);
      return;
    }
  }
}
