import type { CallInput } from '../call/input.ts';

/** Those who have answered a TRANSFER or QUEUE and wait to be connected, while the flow speaks to them. */
export class AskedCallees<Callee extends { readonly no: string }> {
  readonly #callees = new Set<Callee>();
  readonly #transferId: string;
  readonly #post: (input: CallInput) => void;

  /**
   * @param transferId of the TRANSFER or QUEUE
   * @param post takes `callee_answered`, `callee_ended` and what they press and hear
   */
  constructor(transferId: string, post: (input: CallInput) => void) {
    this.#transferId = transferId;
    this.#post = post;
  }

  get(no: string): Callee | undefined {
    return [...this.#callees].find((callee) => callee.no === no);
  }

  add(callee: Callee): void {
    this.#callees.add(callee);
    this.#post({ type: 'callee_answered', leg: this.#legOf(callee) });
  }

  /** One who is connected presses keys into the bridge, which are no inputs of the flow. */
  heard(callee: Callee, input: CallInput): void {
    if (!this.#callees.has(callee)) return;
    this.#post(input.type === 'digit' ? { ...input, leg: this.#legOf(callee) } : input);
  }

  /** One has gone; gives whether that was one of them. */
  ended(callee: Callee): boolean {
    if (!this.#callees.delete(callee)) return false;
    this.#post({ type: 'callee_ended', leg: this.#legOf(callee) });
    return true;
  }

  /** Nobody is asked any more. */
  clear(): void {
    this.#callees.clear();
  }

  #legOf({ no }: Callee) {
    return { transferId: this.#transferId, no };
  }
}
