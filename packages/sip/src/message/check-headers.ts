import { parseCSeq } from './cseq.ts';
import { parseDigits } from './digits.ts';
import type { SipHeaders } from './headers.ts';
import { parseNameAddr } from './name-addr.ts';
import type { ParseError } from './parse-error.ts';
import type { StartLine } from './start-line.ts';
import { parseVia } from './via.ts';

const MANDATORY = ['From', 'To', 'Call-ID', 'CSeq'] as const;
const OPTIONAL = ['Max-Forwards', 'Content-Length', 'Content-Type'] as const;

/**
 * Checks the headers without which a message cannot be routed or answered (RFC 3261 §8.1.1, §20.1). Max-Forwards may
 * be missing, as in RFC 2543. Other headers are checked by those who use them.
 */
export function checkHeaders(startLine: StartLine, headers: SipHeaders): ParseError | undefined {
  const via = headers.get('Via');
  if (via === undefined) return fault('missing-header', 'Via', 'is missing');
  if (parseVia(via) === null) return fault('bad-header', 'Via', 'is malformed');
  for (const header of MANDATORY) {
    const lines = headers.count(header);
    if (lines === 0) return fault('missing-header', header, 'is missing');
    if (lines > 1) return fault('duplicate-header', header, 'stands more than once');
  }
  for (const header of OPTIONAL) {
    if (headers.count(header) > 1) return fault('duplicate-header', header, 'stands more than once');
  }
  if (headers.get('Call-ID') === '') return fault('bad-header', 'Call-ID', 'is empty');
  if (parseNameAddr(headers.get('From') ?? '') === null) return fault('bad-header', 'From', 'is malformed');
  if (parseNameAddr(headers.get('To') ?? '') === null) return fault('bad-header', 'To', 'is malformed');
  const cseq = parseCSeq(headers.get('CSeq') ?? '');
  if (cseq === null) return fault('bad-header', 'CSeq', 'is not a number below 2147483648 and a method');
  if (startLine.kind === 'request' && startLine.method !== cseq.method) {
    return fault('cseq-mismatch', 'CSeq', `names ${cseq.method}, the request is ${startLine.method}`);
  }
  const maxForwards = headers.get('Max-Forwards');
  if (maxForwards !== undefined && !(parseDigits(maxForwards) <= 255)) {
    return fault('bad-header', 'Max-Forwards', 'is not a number from 0 to 255');
  }
  return undefined;
}

/**
 * The length of the body by Content-Length, or `available` when the header is absent; a fault when it is no number or
 * promises more than is there.
 */
export function bodyLength(headers: SipHeaders, available: number): number | ParseError {
  const text = headers.get('Content-Length');
  if (text === undefined) return available;
  const length = parseDigits(text);
  if (Number.isNaN(length)) return fault('bad-content-length', 'Content-Length', 'is not a number');
  if (length > available) {
    return fault('incomplete-body', 'Content-Length', `promises ${text} bytes, there are ${available}`);
  }
  return length;
}

function fault(code: ParseError['code'], header: string, what: string): ParseError {
  return { code, status: 400, header, message: `${header} ${what}` };
}
