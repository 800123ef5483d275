import { endOfQuoted, isToken, isTokenChar, quote, unquote } from '../message/params.ts';
import { skipSpace, trimSpace } from '../message/white-space.ts';

/** A challenge or credentials: a scheme and its parameters, names in lower case, values unquoted (RFC 7616 §3). */
export interface AuthHeader {
  /** Lower case: `digest`. */
  scheme: string;
  params: Map<string, string>;
}

/** Reads the value of an Authorization, WWW-Authenticate or Proxy- header; `null` when it is malformed. */
export function parseAuthHeader(text: string): AuthHeader | null {
  let at = 0;
  while (isTokenChar(text.charCodeAt(at))) at++;
  const scheme = text.slice(0, at).toLowerCase();
  if (scheme === '') return null;
  const params = new Map<string, string>();
  at = skipSpace(text, at);
  while (at < text.length) {
    const equals = text.indexOf('=', at);
    const name = trimSpace(text, at, Math.max(equals, at)).toLowerCase();
    // A name given twice could be read one way here and another way elsewhere.
    if (!isToken(name) || params.has(name)) return null;
    const start = skipSpace(text, equals + 1);
    const end = text.charCodeAt(start) === 0x22 ? endOfQuoted(text, start) : endOfElement(text, start);
    if (end < 0) return null;
    params.set(name, unquote(trimSpace(text, start, end)));
    at = skipSpace(text, end);
    if (at === text.length) break;
    if (text.charCodeAt(at) !== 0x2c) return null;
    at = skipSpace(text, at + 1);
  }
  return { scheme, params };
}

/** Parameters that stand without quotes, though others of the same look have them (RFC 7616 §3.3, §3.4). */
const UNQUOTED = new Set(['algorithm', 'nc', 'stale']);

/** Writes a Digest challenge or Digest credentials. In credentials `qop` has no quotes either. */
export function formatDigest(
  params: Iterable<readonly [name: string, value: string]>,
  kind: 'challenge' | 'credentials',
) {
  const written: string[] = [];
  for (const [name, value] of params) {
    const isBare = UNQUOTED.has(name) || (name === 'qop' && kind === 'credentials');
    written.push(`${name}=${isBare ? value : quote(value)}`);
  }
  return `Digest ${written.join(', ')}`;
}

function endOfElement(text: string, start: number): number {
  const comma = text.indexOf(',', start);
  return comma < 0 ? text.length : comma;
}
