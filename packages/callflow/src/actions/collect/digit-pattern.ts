import type { TextForm } from '../../parameters/text-form.ts';

/** Characters of one pattern. */
const LONGEST_PATTERN = 200;

const RANGES = [...'0123456789'].map((digit) => `${digit}-[${digit}-9]`).join('|');

/** What {@link placesOf} takes. */
export const DIGIT_PATTERN: TextForm = `^\\s*(?:[0-9*#A-Da-dXx]|\\[(?:${RANGES}|[0-9*#A-Da-d](?!-))+\\])+\\s*$`;

/** One place of a pattern: the keys that may stand there. */
type Place = string;

/**
 * What digits may look like, as dial plans have it: `x` any digit, `[1-39]` one of those, every key itself. Null when it
 * is no pattern. Read place by place, so that no pattern takes more time than its length.
 */
export function placesOf(pattern: string): Place[] | null {
  const bare = pattern.trim().toUpperCase();
  if (bare.length > LONGEST_PATTERN || !/^(?:[0-9*#A-DX]|\[[0-9*#A-D-]+\])+$/.test(bare)) return null;
  const places: Place[] = [];
  for (const [piece] of bare.matchAll(/\[[^\]]+\]|./g)) {
    const place = piece.startsWith('[') ? keysIn(piece.slice(1, -1)) : piece === 'X' ? '0123456789' : piece;
    if (place === null) return null;
    places.push(place);
  }
  return places;
}

/** The digits look like one of the patterns. */
export function looksLike(digits: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const places = placesOf(pattern);
    return (
      places !== null && places.length === digits.length && places.every((keys, at) => keys.includes(digits[at] ?? ''))
    );
  });
}

/** `1-39` is 1, 2, 3 and 9; null for a range that is none. */
function keysIn(written: string): string | null {
  let keys = '';
  for (let at = 0; at < written.length; at += 1) {
    if (written[at + 1] !== '-') {
      if (written[at] === '-') return null;
      keys += written[at];
      continue;
    }
    const [from, to] = [Number(written[at]), Number(written[at + 2])];
    if (!Number.isInteger(from) || !Number.isInteger(to) || written[at + 2] === undefined || from > to) return null;
    for (let digit = from; digit <= to; digit += 1) keys += String(digit);
    at += 2;
  }
  return keys;
}
