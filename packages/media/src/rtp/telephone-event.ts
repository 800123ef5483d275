/** Bytes of one event report. */
export const EVENT_BYTES = 4;

const DIGITS = '0123456789*#ABCD';

/** The digit of an RFC 4733 §3.2 event code, or `''` for codes that are not DTMF digits. */
export function digitOfEvent(code: number): string {
  return DIGITS.charAt(code);
}

/** The RFC 4733 §3.2 code of a digit (`0-9 * # A-D`), or -1. */
export function eventOfDigit(digit: string): number {
  return digit.length === 1 ? DIGITS.indexOf(digit) : -1;
}

/**
 * Writes one report (RFC 4733 §2.3) at `at`.
 *
 *     |     event     |E|R| volume    |          duration             |
 *
 * `duration` is in timestamp units, `volume` in dBm0 with the sign dropped.
 */
export function writeTelephoneEvent(
  bytes: Uint8Array,
  at: number,
  code: number,
  end: boolean,
  volume: number,
  duration: number,
): void {
  bytes[at] = code;
  bytes[at + 1] = end ? volume | 0x80 : volume;
  bytes[at + 2] = duration >> 8;
  bytes[at + 3] = duration;
}
