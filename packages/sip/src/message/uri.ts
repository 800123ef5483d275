import { parseHostPort } from './host-port.ts';

/** A URI as SIP uses it. Parts are as written: escapes are kept, see {@link unescapeUri}. */
export interface SipUri {
  /** Lower case: `sip`, `sips`, `tel`, or any other. */
  scheme: string;
  /** User part of a SIP URI, the number of a `tel:` URI. */
  user: string | undefined;
  password: string | undefined;
  /** Host of a SIP URI, an IPv6 address in brackets; empty for other schemes. */
  host: string;
  port: number | undefined;
  /** URI parameters, names unescaped and lower case, `null` where one has no value. */
  params: Map<string, string | null>;
  /** URI headers (behind `?`), in order, names as written. */
  headers: Map<string, string>;
  /** What stands behind the colon when the scheme is none of `sip`, `sips`, `tel`. */
  opaque: string | undefined;
}

/**
 * Reads a URI (RFC 3261 §19.1, RFC 3966); `null` when it is malformed. White space and control characters are refused
 * everywhere. The user part may hold `;`, `?` and `/`, so it is cut off at the `@` before anything else.
 */
export function parseSipUri(text: string): SipUri | null {
  const colon = text.indexOf(':');
  const scheme = text.slice(0, Math.max(colon, 0)).toLowerCase();
  if (!isScheme(scheme) || colon + 1 >= text.length || hasForbidden(text)) return null;
  if (scheme === 'sip' || scheme === 'sips') return parseSip(scheme, text.slice(colon + 1));
  const rest = text.slice(colon + 1);
  if (scheme === 'tel') return parseTel(rest);
  return { ...emptyUri(scheme), opaque: rest };
}

/** Writes a URI. */
export function formatSipUri(uri: SipUri): string {
  if (uri.opaque !== undefined) return `${uri.scheme}:${uri.opaque}`;
  let text = `${uri.scheme}:`;
  if (uri.scheme === 'tel') text += uri.user ?? '';
  else {
    if (uri.user !== undefined) text += uri.password === undefined ? `${uri.user}@` : `${uri.user}:${uri.password}@`;
    text += uri.host;
    if (uri.port !== undefined) text += `:${uri.port}`;
  }
  for (const [name, value] of uri.params) {
    const written = escapeParamName(name);
    text += value === null ? `;${written}` : `;${written}=${value}`;
  }
  let separator = '?';
  for (const [name, value] of uri.headers) {
    text += `${separator}${name}=${value}`;
    separator = '&';
  }
  return text;
}

/** Text with its `%HH` escapes undone (as UTF-8); unchanged when an escape is not valid. */
export function unescapeUri(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Text as the user part of a SIP URI: what may not stand there is escaped (RFC 3261 §25.1, `user`). */
export function escapeUser(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/%(26|3D|2B|24|2C|3B|3F|2F)/g, decodeURIComponent);
}

function emptyUri(scheme: string): SipUri {
  return {
    scheme,
    user: undefined,
    password: undefined,
    host: '',
    port: undefined,
    params: new Map(),
    headers: new Map(),
    opaque: undefined,
  };
}

function parseSip(scheme: string, rest: string): SipUri | null {
  const uri = emptyUri(scheme);
  const at = rest.indexOf('@');
  if (at >= 0) {
    if (at === 0 || rest.indexOf('@', at + 1) >= 0) return null;
    const colon = rest.indexOf(':');
    const hasPassword = colon >= 0 && colon < at;
    uri.user = rest.slice(0, hasPassword ? colon : at);
    if (hasPassword) uri.password = rest.slice(colon + 1, at);
    if (uri.user === '') return null;
  }
  const question = rest.indexOf('?', at + 1);
  const beforeHeaders = question < 0 ? rest.length : question;
  let semicolon = rest.indexOf(';', at + 1);
  if (semicolon < 0 || semicolon > beforeHeaders) semicolon = beforeHeaders;
  const hostPort = parseHostPort(rest.slice(at + 1, semicolon));
  if (hostPort === null) return null;
  uri.host = hostPort.host;
  uri.port = hostPort.port;
  if (!readParams(uri.params, rest.slice(semicolon, beforeHeaders))) return null;
  return question < 0 || readHeaders(uri.headers, rest.slice(question + 1)) ? uri : null;
}

function parseTel(rest: string): SipUri | null {
  const uri = emptyUri('tel');
  const semicolon = rest.indexOf(';');
  uri.user = semicolon < 0 ? rest : rest.slice(0, semicolon);
  if (uri.user === '') return null;
  return semicolon < 0 || readParams(uri.params, rest.slice(semicolon)) ? uri : null;
}

/** Reads `;name=value;name`; an empty list is one too. */
function readParams(params: Map<string, string | null>, text: string): boolean {
  let start = 0;
  while (start < text.length) {
    const next = text.indexOf(';', start + 1);
    const end = next < 0 ? text.length : next;
    const equals = text.indexOf('=', start);
    const hasValue = equals >= 0 && equals < end;
    const name = unescapeUri(text.slice(start + 1, hasValue ? equals : end)).toLowerCase();
    if (name === '') return false;
    if (!params.has(name)) params.set(name, hasValue ? text.slice(equals + 1, end) : null);
    start = end;
  }
  return true;
}

function readHeaders(headers: Map<string, string>, text: string): boolean {
  for (const header of text.split('&')) {
    const equals = header.indexOf('=');
    if (equals <= 0) return false;
    headers.set(header.slice(0, equals), header.slice(equals + 1));
  }
  return true;
}

function escapeParamName(name: string): string {
  return /^[-\w.!~*'()[\]/:&+$]+$/.test(name) ? name : encodeURIComponent(name.toWellFormed());
}

function isScheme(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*$/.test(text);
}

function hasForbidden(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char <= 0x20 || char === 0x7f || char === 0x22 || char === 0x3c || char === 0x3e) return true;
  }
  return false;
}
