import type { CallLogs } from '../call/call-logs.ts';
import type { CallbackClient } from '../callback/callback-client.ts';
import type { SentBody } from '../callback/encode.ts';
import { jsonPost } from '../callback/webhook-delivery.ts';

export interface LivePiecesOptions {
  url: string;
  callId: string;
  client: Pick<CallbackClient, 'deliver'>;
  logs: Pick<CallLogs, 'use'>;
}

/** A receiver that is slower than people speak: so many pieces wait for it, the next ones it gets with the whole only. */
const MOST_WAITING = 100;

/** Tells pieces of a transcript as they are said, one after the other; what is not taken is told no more. */
export class LivePieces {
  readonly #options: LivePiecesOptions;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(options: LivePiecesOptions) {
    this.#options = options;
  }

  send(piece: SentBody): void {
    if (this.#waiting >= MOST_WAITING) return;
    this.#waiting += 1;
    this.#last = this.#last.then(() => this.#deliver(piece));
  }

  /** Never rejects. */
  async #deliver(piece: SentBody): Promise<void> {
    const { url, callId, client, logs } = this.#options;
    try {
      await logs.use(callId, (log) => client.deliver(jsonPost(url), null, piece, log));
    } catch {
      // The attempts and their errors are in the call's log; the whole is told until it is taken.
    }
    this.#waiting -= 1;
  }
}
