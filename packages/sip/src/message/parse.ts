import { isAscii } from 'node:buffer';
import { bodyLength, checkHeaders } from './check-headers.ts';
import { findHeadEnd } from './head-end.ts';
import { SipHeaders } from './headers.ts';
import { DEFAULT_LIMITS, type MessageLimits } from './limits.ts';
import type { SipMessage } from './message.ts';
import type { ParseError, PartialMessage } from './parse-error.ts';
import { endOfLine, readHeaders, withoutCr } from './read-headers.ts';
import { parseStartLine, type StartLine } from './start-line.ts';

export type { ParseError, ParseErrorCode, PartialMessage } from './parse-error.ts';

export type ParseResult =
  | { ok: true; message: SipMessage }
  | { ok: false; error: ParseError; partial?: PartialMessage };

const LF = 0x0a;
const CR = 0x0d;

/**
 * Reads one message from the bytes of one datagram or frame. Never throws and takes time linear in the length.
 * Headers are split into names and values, nothing more, except those that every message must have (Via, From, To,
 * Call-ID, CSeq, Max-Forwards, Content-Length), which are checked. What follows the body is ignored (RFC 3261 §18.3);
 * lines may end in LF alone. The body shares memory with `bytes`.
 */
export function parseMessage(bytes: Uint8Array, limits: Readonly<MessageLimits> = DEFAULT_LIMITS): ParseResult {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length > limits.maxMessageBytes) {
    const message = `the message has ${buffer.length} bytes, ${limits.maxMessageBytes} are allowed`;
    return { ok: false, error: { code: 'too-large', message } };
  }
  let start = 0;
  while (buffer[start] === CR || buffer[start] === LF) start++;
  if (start === buffer.length) return { ok: false, error: { code: 'empty', message: 'there is no message' } };
  const headEnd = findHeadEnd(buffer, start);
  // A head without its empty line is read as far as it goes, so that it can be answered.
  const head = buffer.subarray(start, headEnd < 0 ? buffer.length : headEnd);
  // One decoding for the whole head: names and values are slices of it, made without copying.
  const text = head.toString(isAscii(head) ? 'latin1' : 'utf8');
  const firstLineEnd = endOfLine(text, 0);
  const startLine = parseStartLine(text.slice(0, withoutCr(text, 0, firstLineEnd)));
  const headers = new SipHeaders();
  const headerFault = readHeaders(text, firstLineEnd + 1, headers, limits);
  const fault =
    startLine.error ??
    faultOfHead(headEnd, head.length, firstLineEnd, limits) ??
    headerFault ??
    checkHeaders(startLine, headers);
  if (fault !== undefined) return refuse(startLine, headers, fault);
  const length = bodyLength(headers, buffer.length - headEnd);
  if (typeof length !== 'number') return refuse(startLine, headers, length);
  const body = buffer.subarray(headEnd, headEnd + length);
  if (startLine.kind === 'request') {
    return { ok: true, message: { kind: 'request', method: startLine.method, uri: startLine.uri, headers, body } };
  }
  return { ok: true, message: { kind: 'response', status: startLine.status, reason: startLine.reason, headers, body } };
}

function faultOfHead(
  headEnd: number,
  headBytes: number,
  startLineLength: number,
  limits: Readonly<MessageLimits>,
): ParseError | undefined {
  if (headBytes > limits.maxHeadBytes) {
    const message = `the headers have ${headBytes} bytes, ${limits.maxHeadBytes} are allowed`;
    return { code: 'too-large', status: 513, message };
  }
  if (startLineLength > limits.maxLineLength) {
    return { code: 'line-too-long', status: 414, message: `the first line has ${startLineLength} characters` };
  }
  if (headEnd < 0) {
    return { code: 'no-end-of-headers', status: 400, message: 'there is no empty line behind the headers' };
  }
  return undefined;
}

function refuse(startLine: StartLine, headers: SipHeaders, fault: ParseError): ParseResult {
  if (startLine.kind === 'request') {
    return { ok: false, error: fault, partial: { kind: 'request', method: startLine.method, headers } };
  }
  // Nobody answers a response.
  const { status: _, ...error } = fault;
  return { ok: false, error, partial: { kind: 'response', method: '', headers } };
}
