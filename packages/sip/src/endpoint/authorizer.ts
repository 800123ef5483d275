import { DigestClient, type DigestCredentials } from '../digest/digest-client.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';

/** Authenticates the requests of one call, towards its far end (401) and the proxies before it (407). */
export class Authorizer {
  readonly #server: DigestClient;
  readonly #proxy: DigestClient;

  constructor(credentials: DigestCredentials) {
    this.#server = new DigestClient(credentials);
    this.#proxy = new DigestClient(credentials);
  }

  /** Adds the credentials of challenges known so far. */
  authorize(request: SipRequest): void {
    const forServer = this.#server.authorize(request);
    if (forServer !== null) request.headers.set('Authorization', forServer);
    const forProxy = this.#proxy.authorize(request);
    if (forProxy !== null) request.headers.set('Proxy-Authorization', forProxy);
  }

  /** Takes a challenge; whether the request is worth sending again. */
  take(response: SipResponse): boolean {
    if (response.status === 401) return this.#server.take(response.headers.all('WWW-Authenticate')) === 'ready';
    if (response.status === 407) return this.#proxy.take(response.headers.all('Proxy-Authenticate')) === 'ready';
    return false;
  }
}

/** Whether one request may still answer a challenge: each kind (401, 407) once, or a wrong password goes on for ever. */
export class ChallengeBudget {
  readonly #answered = new Set<number>();
  readonly #authorizer: Authorizer | undefined;

  constructor(authorizer: Authorizer | undefined) {
    this.#authorizer = authorizer;
  }

  /** Whether the response is a challenge that was now taken, so that the request can be sent again. */
  take(response: SipResponse): boolean {
    const { status } = response;
    if (this.#authorizer === undefined || this.#answered.has(status) || !this.#authorizer.take(response)) return false;
    this.#answered.add(status);
    return true;
  }
}
