import { endOfQuoted, formatParams, isToken, type Params, parseParams, quote, unquote } from './params.ts';
import { skipSpace, trimSpace } from './white-space.ts';

/** The value of From, To, one Contact, one Route … (RFC 3261 §20.10): a display name, an address, header parameters. */
export interface NameAddr {
  /** Unquoted; empty when there is none. */
  displayName: string;
  /** The address as text, see `parseSipUri`. */
  uri: string;
  /** Header parameters (`tag`, `expires`, `q` …), not those of the URI. */
  params: Params;
}

/**
 * Reads one name-addr or addr-spec; `null` when it is malformed. Without angle brackets the parameters belong to the
 * header, and an address with `?` or `,` is refused (RFC 3261 §20). Display names of several words without quotes and
 * white space inside the brackets are accepted, since phones send them.
 */
export function parseNameAddr(text: string): NameAddr | null {
  const start = skipSpace(text, 0);
  if (text.charCodeAt(start) === 0x22) {
    const quoteEnd = endOfQuoted(text, start);
    if (quoteEnd < 0) return null;
    const bracket = skipSpace(text, quoteEnd);
    return text.charCodeAt(bracket) === 0x3c ? bracketed(text, bracket, unquote(text.slice(start, quoteEnd))) : null;
  }
  const bracket = text.indexOf('<', start);
  const semicolon = text.indexOf(';', start);
  if (bracket >= 0 && (semicolon < 0 || bracket < semicolon || !hasScheme(text, start))) {
    const displayName = trimSpace(text, start, bracket);
    return displayName.includes('"') ? null : bracketed(text, bracket, displayName);
  }
  const end = semicolon < 0 ? text.length : semicolon;
  const uri = trimSpace(text, start, end);
  if (!isPlainUri(uri) || uri.includes('?') || uri.includes(',')) return null;
  const params = parseParams(text, end);
  return params === null ? null : { displayName: '', uri, params };
}

/** Writes a name-addr, always with angle brackets; the display name is quoted unless it is a single token. */
export function formatNameAddr(address: NameAddr): string {
  const name = address.displayName;
  const written = name === '' ? '' : isToken(name) ? `${name} ` : `${quote(name)} `;
  return `${written}<${address.uri}>${formatParams(address.params)}`;
}

function bracketed(text: string, bracket: number, displayName: string): NameAddr | null {
  const close = text.indexOf('>', bracket);
  if (close < 0) return null;
  const uri = trimSpace(text, bracket + 1, close);
  if (!isPlainUri(uri)) return null;
  const params = parseParams(text, close + 1);
  return params === null ? null : { displayName, uri, params };
}

/** A scheme, a colon and something behind it, free of white space, quotes and brackets. */
function isPlainUri(uri: string): boolean {
  if (!hasScheme(uri, 0)) return false;
  for (let at = 0; at < uri.length; at++) {
    const char = uri.charCodeAt(at);
    if (char <= 0x20 || char === 0x22 || char === 0x3c || char === 0x3e || char === 0x7f) return false;
  }
  return true;
}

function hasScheme(text: string, start: number): boolean {
  let at = start;
  for (; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x3a) return at > start && at + 1 < text.length;
    const isLetter = (char >= 0x41 && char <= 0x5a) || (char >= 0x61 && char <= 0x7a);
    const isOther = (char >= 0x30 && char <= 0x39) || char === 0x2b || char === 0x2d || char === 0x2e;
    if (!isLetter && !(isOther && at > start)) return false;
  }
  return false;
}
