const WINDOW = 128;

/** Which of the last 128 packet indices were seen (RFC 3711 §3.3.2). Indices are whole numbers from 0. */
export class ReplayWindow {
  readonly #seen = new Uint32Array(WINDOW / 32);
  #highest = -1;

  /** False for an index that was added before or is too old to tell. */
  isNew(index: number): boolean {
    if (index > this.#highest) return true;
    if (this.#highest - index >= WINDOW) return false;
    const slot = index % WINDOW;
    return (((this.#seen[slot >> 5] as number) >>> (slot & 31)) & 1) === 0;
  }

  /** To be called for authentic packets only, or a forger could move the window. */
  add(index: number): void {
    if (index > this.#highest) {
      if (index - this.#highest >= WINDOW) this.#seen.fill(0);
      else for (let between = this.#highest + 1; between < index; between++) this.#mark(between % WINDOW, false);
      this.#highest = index;
    }
    this.#mark(index % WINDOW, true);
  }

  #mark(slot: number, seen: boolean): void {
    const word = this.#seen[slot >> 5] as number;
    this.#seen[slot >> 5] = seen ? word | (1 << (slot & 31)) : word & ~(1 << (slot & 31));
  }
}
