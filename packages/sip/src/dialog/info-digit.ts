import type { SipRequest } from '../message/message.ts';

/** A key that the peer pressed, told by signalling instead of sound. */
export interface InfoDigit {
  /** `0`–`9`, `*`, `#`, `A`–`D`. */
  readonly digit: string;
  readonly durationMs: number;
}

/** What an INFO is to us: the status it gets, and the key that it tells, if any. */
export interface InfoReading {
  readonly status: 200 | 415 | 469;
  readonly digit: InfoDigit | null;
}

const RELAY = 'application/dtmf-relay';
const BARE = 'application/dtmf';

/** The bodies of INFO that we read, for Accept. */
export const INFO_ACCEPT = `${RELAY}, ${BARE}`;

const DEFAULT_MS = 160;
const MAX_MS = 10_000;
/** Event codes of RFC 4733 §3.2, which some phones write instead of the key. */
const BY_CODE: Readonly<Record<string, string>> = { 10: '*', 11: '#', 12: 'A', 13: 'B', 14: 'C', 15: 'D' };
const NOTHING: InfoReading = { status: 200, digit: null };

/**
 * Reads an INFO. Without a body it is but a sign of life, with a body of a kind we do not know it gets 415 (RFC 6086
 * §4.2.2), with an Info-Package 469, because we have named none that we would take. Keys come as `application/dtmf-relay`
 * (`Signal=5`, `Duration=160`, one per line) or as `application/dtmf` (the key alone); a flash of the hook is no key.
 */
export function readInfo({ headers, body }: SipRequest): InfoReading {
  if (headers.has('Info-Package')) return { status: 469, digit: null };
  if (body.length === 0) return NOTHING;
  const type = (headers.get('Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== RELAY && type !== BARE) return { status: 415, digit: null };
  const text = Buffer.from(body).toString('latin1');
  const signal = /^[ \t]*signal[ \t]*[=:][ \t]*(\S+)/im.exec(text)?.[1] ?? (type === BARE ? text.trim() : '');
  const digit = keyOf(signal);
  if (digit === null) return NOTHING;
  const duration = /^[ \t]*duration[ \t]*[=:][ \t]*(\d{1,6})[ \t]*\r?$/im.exec(text)?.[1];
  const durationMs = duration === undefined ? DEFAULT_MS : Math.min(Number(duration), MAX_MS);
  return { status: 200, digit: { digit, durationMs } };
}

function keyOf(signal: string): string | null {
  const key = BY_CODE[signal] ?? signal.toUpperCase();
  return /^[0-9*#A-D]$/.test(key) ? key : null;
}
