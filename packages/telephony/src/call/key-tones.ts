import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { MediaSession } from '@voxology/media';
import { CALL_OVER } from './call-over.ts';
import type { PostInput } from './input.ts';

/** A `w` among the digits. */
const PAUSE_MS = 500;
/** The most that a media session takes at once. */
const LONGEST_PART = /w+|[^w]{1,64}/gi;

/** Sends keys to the remote party, one request after the other, pauses among them. */
export class KeyTones {
  readonly #session: MediaSession;
  readonly #post: PostInput;
  readonly #over = new AbortController();
  #last: Promise<void> = Promise.resolve();

  constructor(session: MediaSession, post: PostInput) {
    this.#session = session;
    this.#post = post;
  }

  /** `digits_sent` follows, with an error when they cannot be sent; nothing when the call ends before. */
  send(sendId: string, digits: string): void {
    this.#last = this.#last.then(async () => {
      const error = await this.#sendAll(digits);
      if (!this.#over.signal.aborted) this.#post({ type: 'digits_sent', sendId, error });
    });
  }

  /** The call is over. */
  stop(): void {
    this.#over.abort(CALL_OVER);
  }

  async #sendAll(digits: string): Promise<string | null> {
    const { signal } = this.#over;
    try {
      for (const part of digits.match(LONGEST_PART) ?? []) {
        signal.throwIfAborted();
        if (/^w/i.test(part)) {
          await delay(PAUSE_MS * part.length, undefined, { signal });
          continue;
        }
        this.#session.sendDigits(part);
        await once(this.#session, 'digitsSent', { signal });
      }
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
