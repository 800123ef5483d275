import type { KeyObject } from 'node:crypto';
import type { CircuitBreakerOptions } from './circuit-breaker.ts';
import { type Resolve, systemResolve } from './connector.ts';
import type { RetryDelays } from './retry.ts';

export interface EgressOptions {
  /** Networks (CIDR) that may be connected to though they are not public. Default: none. */
  allowPrivate?: readonly string[];
  /** Whole time of one try, redirects included. Default 10 000. */
  timeoutMs?: number;
  /** Time to open a connection. Default 5000. */
  connectTimeoutMs?: number;
  /** Default 1 MiB. */
  maxResponseBytes?: number;
  /** Default 3. */
  maxRedirects?: number;
  /** Tries after the first. Default 2. */
  retries?: number;
  /** Waits between tries. Default 200 ms doubling, 5000 ms at most. */
  retryDelays?: RetryDelays;
  /** To one scheme, host and port; further requests wait within their time. Default 256. */
  maxConnectionsPerHost?: number;
  /** Default: open for 15 s after 10 exchanges in a row without an answer. */
  circuitBreaker?: CircuitBreakerOptions;
  /** HMAC-SHA256 key for the requests that ask to be signed; without it none is. */
  signatureKey?: KeyObject;
  /** Default `Voxology`. */
  userAgent?: string;
  /** Epoch milliseconds. */
  now?: () => number;
  random?: () => number;
  /** Default: the operating system's. */
  resolve?: Resolve;
}

type Optional = 'signatureKey';

/** The options with every default filled in. */
export type FullEgressOptions = Required<Omit<EgressOptions, Optional>> & Pick<EgressOptions, Optional>;

export function withDefaults(options: EgressOptions): FullEgressOptions {
  return {
    allowPrivate: [],
    timeoutMs: 10_000,
    connectTimeoutMs: 5_000,
    maxResponseBytes: 1_048_576,
    maxRedirects: 3,
    retries: 2,
    retryDelays: { baseMs: 200, maxMs: 5_000 },
    maxConnectionsPerHost: 256,
    circuitBreaker: { failures: 10, openMs: 15_000 },
    userAgent: 'Voxology',
    now: Date.now,
    random: Math.random,
    resolve: systemResolve,
    ...options,
  };
}
