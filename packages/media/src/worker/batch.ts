/**
 * Sound of streams goes between the threads in messages so far apart: it may be late by as much, and each message costs the
 * switch to the other thread and back, several times what is done with the sound in it.
 */
export const STREAM_APART_MS = 4;

/**
 * Gathers what is said within one turn of the event loop, of all calls, into one message: a message between threads, which
 * wakes the other one, costs more than most of what is asked in it. Order is kept and nothing is delayed beyond the turn,
 * but for what may wait: that leaves at once too where little is said, and where much is, in messages that far apart.
 */
export class Batch<Item> {
  readonly #send: (items: Item[]) => void;
  #items: Item[] = [];
  #immediate: NodeJS.Immediate | null = null;
  #timer: NodeJS.Timeout | null = null;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  readonly #flush = () => {
    if (this.#timer !== null) clearTimeout(this.#timer);
    // Whichever was first sends all.
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#immediate = null;
    this.#timer = null;
    const items = this.#items;
    this.#items = [];
    this.#sentAtMs = performance.now();
    this.#send(items);
  };

  constructor(send: (items: Item[]) => void) {
    this.#send = send;
  }

  add(item: Item): void {
    this.#items.push(item);
    this.#immediate ??= setImmediate(this.#flush);
  }

  /** Adds what may wait until `apartMs` after the last message. */
  addSoon(item: Item, apartMs: number): void {
    this.#items.push(item);
    if (this.#immediate !== null || this.#timer !== null) return;
    const waitMs = Math.ceil(this.#sentAtMs + apartMs - performance.now());
    if (waitMs > 0) this.#timer = setTimeout(this.#flush, waitMs);
    else this.#immediate = setImmediate(this.#flush);
  }
}
