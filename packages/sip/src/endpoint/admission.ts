import type { InboundRequest } from '../transport/inbound.ts';
import type { HeaderLines } from './core.ts';

/** A request that is not taken, and the response it gets. */
export interface Refusal {
  readonly status: number;
  readonly headers: HeaderLines;
}

/**
 * The checks of a server before it looks at what a request asks for (RFC 3261 §8.2.2, §8.2.3): Max-Forwards, the scheme
 * of the Request-URI, extensions the client requires. `null` when there is nothing to object to.
 */
export function refusal(inbound: InboundRequest): Refusal | null {
  const { request, cseq } = inbound;
  if (request.headers.get('Max-Forwards') === '0' && cseq.method !== 'OPTIONS') return { status: 483, headers: [] };
  if (!isKnownScheme(request.uri)) return { status: 416, headers: [] };
  const required = request.headers.all('Require');
  // None of the extensions that a client can require (100rel, timer, replaces …) is spoken here.
  if (required.length > 0) return { status: 420, headers: [['Unsupported', required.join(', ')]] };
  return null;
}

function isKnownScheme(uri: string): boolean {
  const scheme = uri.slice(0, Math.max(0, uri.indexOf(':'))).toLowerCase();
  return scheme === 'sip' || scheme === 'sips' || scheme === 'tel';
}
