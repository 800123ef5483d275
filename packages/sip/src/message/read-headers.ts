import type { SipHeaders } from './headers.ts';
import type { MessageLimits } from './limits.ts';
import { isToken } from './params.ts';
import type { ParseError } from './parse-error.ts';
import { isSpace, trimSpace } from './white-space.ts';

/**
 * Reads header lines from `start` to the end of `head` or its empty line into `headers`, continuation lines joined by
 * one space (RFC 3261 §7.3.1). A faulty line is left out and reading goes on, so that a refusal can still be addressed;
 * the first fault is returned.
 */
export function readHeaders(
  head: string,
  start: number,
  headers: SipHeaders,
  limits: Readonly<MessageLimits>,
): ParseError | undefined {
  let fault: ParseError | undefined;
  let colon = -1;
  let lineStart = start;
  while (lineStart < head.length) {
    let lineEnd = endOfLine(head, lineStart);
    const textEnd = withoutCr(head, lineStart, lineEnd);
    if (textEnd === lineStart) break;
    // The next colon is searched once, however many lines have none: the cost stays linear.
    if (colon < lineStart) {
      colon = head.indexOf(':', lineStart);
      if (colon < 0) colon = head.length;
    }
    // Only the first line can start with a space, as a continuation of the start line, which there is not.
    const isContinuation = isSpace(head.charCodeAt(lineStart));
    const name = isContinuation ? '' : trimSpace(head, lineStart, Math.min(colon, textEnd));
    let value = colon < textEnd ? trimSpace(head, colon + 1, textEnd) : '';
    if (isSpace(head.charCodeAt(lineEnd + 1))) {
      const pieces = [value];
      while (isSpace(head.charCodeAt(lineEnd + 1))) {
        const pieceStart = lineEnd + 1;
        lineEnd = endOfLine(head, pieceStart);
        pieces.push(trimSpace(head, pieceStart, withoutCr(head, pieceStart, lineEnd)));
      }
      value = trimSpace(pieces.join(' '));
    }
    const lineFault = faultOfLine(name, value, colon < textEnd, lineEnd - lineStart, headers.size, limits);
    if (lineFault === undefined) headers.append(name, value);
    else fault ??= lineFault;
    if (lineFault?.code === 'too-many-headers') break;
    lineStart = lineEnd + 1;
  }
  return fault;
}

/** Index of the line feed that ends the line, or of the end of the text. */
export function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}

/** End of the line's text: its carriage return does not belong to it. */
export function withoutCr(text: string, start: number, lineEnd: number): number {
  return lineEnd > start && text.charCodeAt(lineEnd - 1) === 0x0d ? lineEnd - 1 : lineEnd;
}

function faultOfLine(
  name: string,
  value: string,
  hasColon: boolean,
  length: number,
  headerCount: number,
  limits: Readonly<MessageLimits>,
): ParseError | undefined {
  if (headerCount >= limits.maxHeaders) {
    const message = `there are more than ${limits.maxHeaders} header lines`;
    return { code: 'too-many-headers', status: 513, message };
  }
  if (length > limits.maxLineLength) {
    const message = `header line ${headerCount + 1} has ${length} characters, ${limits.maxLineLength} are allowed`;
    return { code: 'line-too-long', status: 513, message };
  }
  if (!hasColon || !isToken(name)) {
    const message = `header line ${headerCount + 1} does not start with a name and a colon`;
    return { code: 'bad-header-line', status: 400, message };
  }
  if (value.includes('\r')) {
    const message = `header line ${headerCount + 1} has a carriage return inside`;
    return { code: 'bad-line-end', status: 400, message };
  }
  return undefined;
}
