import { trimSpace } from './white-space.ts';

/** A host and the port written behind it. An IPv6 address keeps its brackets. */
export interface HostPort {
  host: string;
  port: number | undefined;
}

/** Reads `host`, `host:port`, `[v6]` or `[v6]:port`, white space around the colon allowed; `null` when malformed. */
export function parseHostPort(text: string): HostPort | null {
  let hostEnd = text.length;
  if (text.charCodeAt(0) === 0x5b) {
    hostEnd = text.indexOf(']') + 1;
    if (hostEnd === 0) return null;
  } else {
    const colon = text.indexOf(':');
    if (colon >= 0) hostEnd = colon;
  }
  const host = trimSpace(text, 0, hostEnd);
  if (!isHost(host)) return null;
  const rest = trimSpace(text, hostEnd);
  if (rest === '') return { host, port: undefined };
  if (rest.charCodeAt(0) !== 0x3a) return null;
  const port = parsePort(trimSpace(rest, 1));
  return port === null ? null : { host, port };
}

/** Whether a text can be a host: a name, an IPv4 address or an IPv6 address in brackets, by its characters alone. */
export function isHost(text: string): boolean {
  const inBrackets = text.charCodeAt(0) === 0x5b;
  const end = inBrackets ? text.length - 1 : text.length;
  const start = inBrackets ? 1 : 0;
  if (end <= start || (inBrackets && text.charCodeAt(end) !== 0x5d)) return false;
  for (let at = start; at < end; at++) {
    const char = text.charCodeAt(at);
    const isNameChar = isAlphanumeric(char) || char === 0x2d || char === 0x2e || char === 0x5f;
    if (!isNameChar && !(inBrackets && (char === 0x3a || char === 0x25))) return false;
  }
  return true;
}

function parsePort(text: string): number | null {
  if (text === '' || text.length > 5) return null;
  let port = 0;
  for (let at = 0; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) return null;
    port = port * 10 + digit;
  }
  return port <= 65535 ? port : null;
}

function isAlphanumeric(char: number): boolean {
  return (char >= 0x30 && char <= 0x39) || (char >= 0x41 && char <= 0x5a) || (char >= 0x61 && char <= 0x7a);
}
