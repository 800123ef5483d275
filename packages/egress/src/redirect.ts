import type { HttpMethod } from './egress-error.ts';
import type { ExchangeResponse } from './exchange.ts';

export interface Redirect {
  /** As the server wrote it; may be relative. */
  location: string;
  method: HttpMethod;
}

/**
 * Where an answer sends us (RFC 9110 section 15.4); null when it is to be taken as it is. A POST stays a POST but for 303,
 * which asks for a GET: a callback that arrived without its fields would be worse than none.
 */
export function redirectOf({ status, headers }: ExchangeResponse, method: HttpMethod): Redirect | null {
  const { location } = headers;
  if (location === undefined) return null;
  if (status === 303) return { location, method: 'GET' };
  return status === 301 || status === 302 || status === 307 || status === 308 ? { location, method } : null;
}
