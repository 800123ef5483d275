import { isToken } from './params.ts';
import { isSpace, trimSpace } from './white-space.ts';

/** A CSeq header (RFC 3261 §20.16). */
export interface CSeq {
  /** 0 … 2³¹ − 1. */
  number: number;
  method: string;
}

/** Reads a CSeq; `null` when it is malformed or the number is not below 2³¹ (RFC 3261 §8.1.1.5). */
export function parseCSeq(text: string): CSeq | null {
  let at = 0;
  let number = 0;
  for (; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
    if (number > 0x7fff_ffff) return null;
  }
  const method = trimSpace(text, at);
  if (at === 0 || !isSpace(text.charCodeAt(at)) || !isToken(method)) return null;
  return { number, method };
}

/** Writes a CSeq. */
export function formatCSeq(cseq: CSeq): string {
  return `${cseq.number} ${cseq.method}`;
}
