import { parseDigits } from './digits.ts';
import { isToken } from './params.ts';
import type { ParseError } from './parse-error.ts';
import { parseSipUri } from './uri.ts';
import { findSpace, skipSpace, trimSpace } from './white-space.ts';

/** The first line of a message (RFC 3261 §7.1, §7.2), with what is wrong with it. */
export type StartLine =
  | { kind: 'request'; method: string; uri: string; error?: ParseError }
  | { kind: 'response'; status: number; reason: string; error?: ParseError };

const VERSION = 'SIP/2.0';

/** Reads the first line of a message. Several spaces between its parts and at its end are accepted. */
export function parseStartLine(line: string): StartLine {
  return startsWithSip(line) ? parseStatusLine(line) : parseRequestLine(line);
}

function parseStatusLine(line: string): StartLine {
  const versionEnd = findSpace(line, 0);
  const response = { kind: 'response', status: 0, reason: '' } as const;
  if (line.slice(0, versionEnd).toUpperCase() !== VERSION) {
    return { ...response, error: { code: 'bad-version', message: `the version is not ${VERSION}` } };
  }
  const statusStart = skipSpace(line, versionEnd);
  const statusEnd = findSpace(line, statusStart);
  const status = statusEnd - statusStart === 3 ? parseDigits(line.slice(statusStart, statusEnd)) : Number.NaN;
  if (!(status >= 100 && status <= 699)) {
    return { ...response, error: { code: 'bad-status', message: 'the status code is not between 100 and 699' } };
  }
  return { kind: 'response', status, reason: trimSpace(line, statusEnd) };
}

function parseRequestLine(line: string): StartLine {
  const methodEnd = findSpace(line, 0);
  const method = line.slice(0, methodEnd);
  const rest = trimSpace(line, methodEnd);
  const versionStart = Math.max(rest.lastIndexOf(' '), rest.lastIndexOf('\t')) + 1;
  const version = rest.slice(versionStart);
  const uri = trimSpace(rest, 0, versionStart);
  const bad = (code: ParseError['code'], status: number, message: string): StartLine => {
    return { kind: 'request', method, uri, error: { code, status, message } };
  };
  if (!isToken(method)) return bad('bad-start-line', 400, 'the first line does not start with a method');
  if (!startsWithSip(version) || uri === '') {
    return bad('bad-start-line', 400, 'the first line is not "METHOD URI SIP/2.0"');
  }
  if (version.toUpperCase() !== VERSION) return bad('bad-version', 505, `the version is not ${VERSION}`);
  const fault = faultOfRequestUri(uri);
  return fault === null ? { kind: 'request', method, uri } : bad('bad-request-uri', 400, fault);
}

function faultOfRequestUri(text: string): string | null {
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char <= 0x20 || char === 0x7f) return `the Request-URI has white space or a control character at ${at + 1}`;
    if (char === 0x3c || char === 0x3e || char === 0x22) return 'the Request-URI stands in brackets or quotes';
  }
  const uri = parseSipUri(text);
  if (uri === null) return 'the Request-URI is malformed';
  return uri.headers.size > 0 ? 'the Request-URI carries headers (RFC 3261 §19.1.1)' : null;
}

function startsWithSip(text: string): boolean {
  return text.length >= 4 && text.slice(0, 4).toUpperCase() === 'SIP/';
}
