/** Why a request got no answer. */
export type EgressErrorCode =
  /** Not a URL, or headers that cannot be sent. */
  | 'invalid-request'
  | 'scheme-not-allowed'
  /** Every address of the host is private, loopback, link-local … and not allowed by the configuration. */
  | 'address-refused'
  | 'dns-failed'
  | 'connect-refused'
  | 'connect-timeout'
  /** No route and the like. */
  | 'connect-failed'
  | 'tls'
  /** Connected, but the whole answer did not come in time. */
  | 'timeout'
  /** The connection broke before the answer was whole. */
  | 'connection-lost'
  /** Not HTTP, or compressed though we did not ask for it. */
  | 'bad-response'
  | 'too-large'
  | 'too-many-redirects'
  /** The host failed too often of late and is left alone for a while. */
  | 'circuit-open'
  /** The caller's signal. */
  | 'aborted'
  /** The client was closed. */
  | 'closed';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One HTTP exchange: a redirect followed and a retry are each one more. */
export interface Attempt {
  /** Without user name and password. */
  url: string;
  method: HttpMethod;
  /** Epoch milliseconds. */
  startedAtMs: number;
  durationMs: number;
  /** HTTP status; null when there was no whole answer. */
  status: number | null;
  /** Null when there was an answer. */
  errorCode: EgressErrorCode | null;
  errorText: string | null;
  /** Bytes of the answer's body received. */
  bytes: number;
}

/** A request that got no answer. `message` is for people: what failed, where, and how to mend it. */
export class EgressError extends Error {
  override name = 'EgressError';
  readonly code: EgressErrorCode;
  readonly attempts: readonly Attempt[];

  constructor(code: EgressErrorCode, message: string, attempts: readonly Attempt[] = []) {
    super(message);
    this.code = code;
    this.attempts = attempts;
  }
}
