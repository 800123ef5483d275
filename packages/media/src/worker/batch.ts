/**
 * Gathers what is said within one turn of the event loop, of all calls, into one message: a message between threads, which
 * wakes the other one, costs more than most of what is asked in it. Order is kept and nothing is delayed beyond the turn.
 */
export class Batch<Item> {
  readonly #send: (items: Item[]) => void;
  #items: Item[] = [];
  readonly #flush = () => {
    const items = this.#items;
    this.#items = [];
    this.#send(items);
  };

  constructor(send: (items: Item[]) => void) {
    this.#send = send;
  }

  add(item: Item): void {
    if (this.#items.push(item) === 1) setImmediate(this.#flush);
  }
}
