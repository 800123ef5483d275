import { dateWords, isDateFormat } from './english/date-words.ts';
import { moneyWords } from './english/money-words.ts';
import { numberWords, ordinalWords } from './english/number-words.ts';
import { timeWords } from './english/time-words.ts';

/** The language of a text as far as it decides how things are read; only English is put into words here. */
export type Reader = 'american' | 'british' | 'other';

interface Kind {
  /** In words; null when the text is nothing of the kind. */
  read(text: string, format: string, reader: Reader): string | null;
  /** Only English is read so; other voices get the text as written. */
  isEnglish?: true;
  isFormat?(format: string): boolean;
  /** An example, for hints. */
  example: string;
}

const SIGN_NAMES: Readonly<Record<string, string>> = {
  '-': 'dash',
  '.': 'dot',
  ',': 'comma',
  _: 'underscore',
  '/': 'slash',
  '\\': 'backslash',
  ':': 'colon',
  ';': 'semicolon',
  '+': 'plus',
  '!': 'exclamation mark',
  '?': 'question mark',
  "'": 'apostrophe',
  '"': 'quote',
};

const characters: Kind = { read: spelled, example: 'AB12' };
const cardinal: Kind = { read: numberWords, isEnglish: true, example: '1,250' };

/** By `interpret-as`. */
const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['characters', characters],
  ['spell-out', characters],
  ['digits', { read: singleDigits, example: '4711' }],
  ['cardinal', cardinal],
  ['number', cardinal],
  ['ordinal', { read: ordinalWords, isEnglish: true, example: '3' }],
  [
    'date',
    {
      read: (text, format, reader) =>
        dateWords(text, format || (reader === 'british' ? 'dmy' : 'mdy'), reader === 'british'),
      isEnglish: true,
      isFormat: isDateFormat,
      example: '3/4/2026',
    },
  ],
  ['time', { read: timeWords, isEnglish: true, isFormat: (format) => /^hms(?:12|24)$/.test(format), example: '14:30' }],
  ['telephone', { read: telephoneDigits, example: '+1 (949) 555-0101' }],
  ['currency', { read: moneyWords, isEnglish: true, example: '$12.50' }],
]);

export const INTERPRETATIONS: readonly string[] = [...KINDS.keys()];

/** What `say-as` makes of a text; `problem` when that is only the text itself. */
export function sayAs(
  text: string,
  interpretAs: string,
  format: string,
  reader: Reader,
): { text: string; problem?: string } {
  const kind = KINDS.get(interpretAs);
  if (kind === undefined)
    return { text, problem: `there is no interpret-as "${shown(interpretAs)}"; the text is spoken as it is` };
  const trimmed = text.trim();
  if (trimmed === '' || (kind.isEnglish === true && reader === 'other')) return { text };
  const isFormat = format === '' || (kind.isFormat?.(format) ?? true);
  const read = kind.read(trimmed, isFormat ? format : '', reader);
  if (read === null) {
    return { text, problem: `"${shown(trimmed)}" is no ${interpretAs} as in "${kind.example}"; it is spoken as it is` };
  }
  return isFormat
    ? { text: read }
    : { text: read, problem: `${interpretAs} has no format "${shown(format)}"; the usual one is taken` };
}

/** Letters, digits and signs one by one; a letter’s name needs the comma, or `A` becomes the article. */
function spelled(text: string, _format: string, reader: Reader): string {
  const signs = Array.from(text).filter((sign) => sign.trim() !== '');
  const named = signs.map((sign) => (reader === 'other' ? undefined : SIGN_NAMES[sign]) ?? sign.toUpperCase());
  return named.join(', ');
}

/** Null when there is no digit. */
function singleDigits(text: string): string | null {
  return /\d/.test(text) ? (text.match(/[\p{L}\p{N}*#]/gu) ?? []).join(' ') : null;
}

/** Digit by digit, with a short pause where the groups are: those written, or those of a number of E.164 or ten digits. */
function telephoneDigits(text: string): string | null {
  const groups = text.match(/[\d*#]+|[A-Za-z]+/g);
  if (groups === null || !/\d/.test(text)) return null;
  const [only = ''] = groups;
  const grouped = groups.length === 1 ? groupsOf(only) : groups;
  return grouped.map((group) => (/[A-Za-z]/.test(group) ? wordOf(group) : Array.from(group).join(' '))).join(', ');
}

/** North American numbers as 1, three, three and four digits; others in threes. */
function groupsOf(digits: string): string[] {
  const american = /^(1?)(\d{3})(\d{3})(\d{4})$/.exec(digits);
  if (american !== null) return american.slice(1).filter((group) => group !== '');
  // Never one digit alone at the end.
  return digits.match(/.{2,3}(?=.{2}|$)|.+$/g) ?? [];
}

function wordOf(letters: string): string {
  return /^(?:x|ext)$/i.test(letters) ? 'extension' : letters;
}

function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
