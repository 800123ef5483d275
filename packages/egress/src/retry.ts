import type { EgressErrorCode } from './egress-error.ts';

/** Errors that another try may mend. The others (a refused address, a wrong certificate, too large …) would come again. */
const RETRIED_ERRORS: ReadonlySet<EgressErrorCode> = new Set<EgressErrorCode>([
  'dns-failed',
  'connect-refused',
  'connect-timeout',
  'connect-failed',
  'timeout',
  'connection-lost',
]);

export function isRetriedError(code: EgressErrorCode): boolean {
  return RETRIED_ERRORS.has(code);
}

/** 429 only when the server says when to come back. */
export function isRetriedStatus(status: number, retryAfter: string | undefined): boolean {
  return status >= 500 || (status === 429 && retryAfter !== undefined);
}

export interface RetryDelays {
  /** Before the first retry; doubled for each further one. */
  baseMs: number;
  /** Longest wait; a `Retry-After` beyond it means no retry. */
  maxMs: number;
}

/**
 * The wait before retry number `retry` (from 1): half fixed, half random; `Retry-After` (RFC 9110 section 10.2.3) when longer.
 * Null when the server asks for more than we wait.
 */
export function retryDelayMs(
  retry: number,
  retryAfter: string | undefined,
  delays: RetryDelays,
  nowMs: number,
  random: () => number,
): number | null {
  const backoffMs = Math.min(delays.baseMs * 2 ** (retry - 1), delays.maxMs);
  const jitteredMs = backoffMs / 2 + (random() * backoffMs) / 2;
  const askedMs = retryAfter === undefined ? 0 : retryAfterMs(retryAfter, nowMs);
  return askedMs > delays.maxMs ? null : Math.max(jitteredMs, askedMs);
}

function retryAfterMs(text: string, nowMs: number): number {
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? 0 : Math.max(0, dateMs - nowMs);
}
