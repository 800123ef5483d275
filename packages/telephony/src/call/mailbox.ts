/**
 * The ordered mailbox of an actor: letters are taken one at a time, in the order in which they were posted. One that is
 * posted while another is taken waits for its turn, so that no taking is ever within another.
 */
export class Mailbox<Letter> {
  readonly #take: (letter: Letter) => void;
  readonly #waiting: Letter[] = [];
  #isTaking = false;

  /** @param take what it throws is the poster's to catch; the letters that wait are taken with the next that is posted */
  constructor(take: (letter: Letter) => void) {
    this.#take = take;
  }

  /** Takes it at once, with all that are posted meanwhile; or leaves it to the taking under way. */
  post(letter: Letter): void {
    this.#waiting.push(letter);
    if (this.#isTaking) return;
    this.#isTaking = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#take(next);
    } finally {
      this.#isTaking = false;
    }
  }
}
