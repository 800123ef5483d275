import type { ExchangeResponse } from './exchange.ts';

export interface Redirect {
  /** As the server wrote it; may be relative. */
  location: string;
  method: 'GET' | 'POST';
}

/** Where an answer sends us (RFC 9110 section 15.4); null when it is to be taken as it is. */
export function redirectOf({ status, headers }: ExchangeResponse, method: 'GET' | 'POST'): Redirect | null {
  const { location } = headers;
  if (location === undefined) return null;
  if (status === 307 || status === 308) return { location, method };
  return status === 301 || status === 302 || status === 303 ? { location, method: 'GET' } : null;
}
