const SMALL = (
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen ' +
  'eighteen nineteen'
).split(' ');
const TENS = ['', '', 'twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const THOUSANDS = ['', ' thousand', ' million', ' billion', ' trillion'];
/** What ends otherwise than in `th`. */
const ORDINALS: ReadonlyMap<string, string> = new Map([
  ['one', 'first'],
  ['two', 'second'],
  ['three', 'third'],
  ['five', 'fifth'],
  ['eight', 'eighth'],
  ['nine', 'ninth'],
  ['twelve', 'twelfth'],
]);
/** Longer ones are read digit by digit. */
const MOST_DIGITS = 15;

/** A whole number as in `one thousand two hundred thirty four`; `digits` are decimal digits only. */
export function wholeNumberWords(digits: string): string {
  const significant = digits.replace(/^0+(?=.)/, '');
  if (significant.length > MOST_DIGITS) return digitWords(digits);
  if (significant === '0') return 'zero';
  const groups: string[] = [];
  for (let end = significant.length, scale = 0; end > 0; end -= 3, scale += 1) {
    const group = Number(significant.slice(Math.max(0, end - 3), end));
    if (group > 0) groups.unshift(belowThousand(group) + (THOUSANDS[scale] ?? ''));
  }
  return groups.join(' ');
}

export function digitWords(digits: string): string {
  return Array.from(digits, (digit) => SMALL[Number(digit)]).join(' ');
}

/** A number with sign, thousands commas and decimals, as in `minus three point one four`; null for anything else. */
export function numberWords(written: string): string | null {
  const read = readNumber(written);
  if (read === null) return null;
  const decimals = read.decimals === '' ? '' : ` point ${digitWords(read.decimals)}`;
  return `${read.sign}${wholeNumberWords(read.whole)}${decimals}`;
}

/** As in `twenty first`; null for what is no whole number. `3rd` is one. */
export function ordinalWords(written: string): string | null {
  const digits = /^(\d[\d,]*)(?:st|nd|rd|th)?$/i.exec(written)?.[1]?.replaceAll(',', '');
  if (digits === undefined) return null;
  const words = wholeNumberWords(digits).split(' ');
  const last = words.pop() ?? '';
  const ordinal = ORDINALS.get(last) ?? (last.endsWith('y') ? `${last.slice(0, -1)}ieth` : `${last}th`);
  return [...words, ordinal].join(' ');
}

/** As years are read: `nineteen eighty four`, `two thousand five`, `twenty twenty six`. */
export function yearWords(year: number): string {
  const [centuries, rest] = [Math.floor(year / 100), year % 100];
  if (year < 1000 || year > 9999 || (centuries % 10 === 0 && rest < 10)) return wholeNumberWords(String(year));
  if (rest === 0) return `${belowThousand(centuries)} hundred`;
  return `${belowThousand(centuries)} ${rest < 10 ? 'oh ' : ''}${belowThousand(rest)}`;
}

/** A number's parts; `sign` is `minus ` or nothing. */
export function readNumber(written: string): { sign: string; whole: string; decimals: string } | null {
  const [, sign, whole, decimals] = /^([+\-\u2212]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?$/.exec(written) ?? [];
  if (whole === undefined) return null;
  return {
    sign: sign === '' || sign === '+' ? '' : 'minus ',
    whole: whole.replaceAll(',', ''),
    decimals: decimals ?? '',
  };
}

function belowThousand(number: number): string {
  const words: string[] = [];
  if (number >= 100) words.push(`${SMALL[Math.floor(number / 100)]} hundred`);
  const rest = number % 100;
  if (rest >= 20) words.push(TENS[Math.floor(rest / 10)] ?? '');
  const last = rest >= 20 ? rest % 10 : rest;
  if (last > 0) words.push(SMALL[last] ?? '');
  return words.join(' ');
}
