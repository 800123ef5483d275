import { type SipUri, unescapeUri } from './uri.ts';

/** URI parameters that must be in both or in neither (RFC 3261 §19.1.4). */
const DECISIVE = ['user', 'ttl', 'method', 'maddr'];

/**
 * Whether two URIs are the same resource by the rules of RFC 3261 §19.1.4: user and password with regard to case, the
 * rest without; a port left out is not the default port; `user`, `ttl`, `method`, `maddr` and all headers count when
 * either has them, other parameters when both have them. Other schemes compare as text.
 */
export function sameUri(a: SipUri, b: SipUri): boolean {
  if (a.scheme !== b.scheme || a.opaque !== b.opaque) return false;
  if (a.scheme === 'tel') return visual(a.user) === visual(b.user) && sameContext(a, b);
  if (unescaped(a.user) !== unescaped(b.user) || unescaped(a.password) !== unescaped(b.password)) return false;
  if (a.host.toLowerCase() !== b.host.toLowerCase() || a.port !== b.port) return false;
  for (const name of DECISIVE) if (a.params.has(name) !== b.params.has(name)) return false;
  for (const [name, value] of a.params) {
    if (b.params.has(name) && !sameText(value, b.params.get(name) ?? null)) return false;
  }
  return sameHeaders(a.headers, b.headers);
}

function sameHeaders(a: Map<string, string>, b: Map<string, string>): boolean {
  if (a.size !== b.size) return false;
  const other = new Map<string, string>();
  for (const [name, value] of b) other.set(name.toLowerCase(), unescapeUri(value));
  for (const [name, value] of a) if (other.get(name.toLowerCase()) !== unescapeUri(value)) return false;
  return true;
}

function sameText(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === b;
  return unescapeUri(a).toLowerCase() === unescapeUri(b).toLowerCase();
}

function unescaped(text: string | undefined): string | undefined {
  return text === undefined ? undefined : unescapeUri(text);
}

/** A telephone number without its visual separators (RFC 3966 §4). */
function visual(number: string | undefined): string {
  return (number ?? '').replace(/[-.()]/g, '').toLowerCase();
}

function sameContext(a: SipUri, b: SipUri): boolean {
  for (const name of ['phone-context', 'ext']) {
    if (!sameText(a.params.get(name) ?? null, b.params.get(name) ?? null)) return false;
  }
  return true;
}
