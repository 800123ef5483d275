import { randomBytes } from 'node:crypto';
import type { SipRequest } from '@voxology/sip';

const HEADER = 'X-Voxology-On-Net';
const LIFETIME_MS = 60_000;

/**
 * A call from one of our numbers to another is a real SIP call to ourselves. A single-use token that only this process
 * knows marks its INVITE, so that it needs no credentials.
 */
export class OnNetTokens {
  readonly #tokens = new Map<string, NodeJS.Timeout>();

  /** Headers for the INVITE. */
  issue(): [name: string, value: string][] {
    const token = randomBytes(24).toString('base64url');
    const timer = setTimeout(() => this.#tokens.delete(token), LIFETIME_MS);
    timer.unref();
    this.#tokens.set(token, timer);
    return [[HEADER, token]];
  }

  /** True once for a request with a token of ours. */
  redeem(request: SipRequest): boolean {
    const token = request.headers.get(HEADER);
    if (token === undefined) return false;
    const timer = this.#tokens.get(token);
    if (timer === undefined) return false;
    clearTimeout(timer);
    this.#tokens.delete(token);
    return true;
  }
}
