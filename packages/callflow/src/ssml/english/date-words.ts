import { ordinalWords, yearWords } from './number-words.ts';

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS_OF_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Two digits of a year below this are of this century. */
const CENTURY_FROM = 70;

interface DateParts {
  y?: number;
  m?: number;
  d?: number;
}

/** `format` of `say-as interpret-as="date"`: the order of year, month and day in the written text. */
export function isDateFormat(format: string): boolean {
  return /^(?:mdy|dmy|ymd|ydm|md|dm|ym|my|[dmy]|yyyymmdd)$/.test(format);
}

/**
 * A date in words, as in `March fourth, twenty twenty six`, or for `isBritish` `the fourth of March, twenty twenty six`.
 * Null when the text is no date in this order; a year of four digits in front is understood in any.
 */
export function dateWords(written: string, format: string, isBritish: boolean): string | null {
  const parts = readDate(written, format);
  if (parts === null) return null;
  const { y, m, d } = parts;
  const day = d === undefined ? '' : (ordinalWords(String(d)) ?? '');
  const month = m === undefined ? '' : (MONTHS[m - 1] ?? '');
  const year = y === undefined ? '' : yearWords(y);
  if (day === '') return month === '' || year === '' ? month + year : `${month} ${year}`;
  const dayAndMonth = month === '' ? `the ${day}` : isBritish ? `the ${day} of ${month}` : `${month} ${day}`;
  return year === '' ? dayAndMonth : `${dayAndMonth}, ${year}`;
}

function readDate(written: string, format: string): DateParts | null {
  const wanted = format === 'yyyymmdd' ? 'ymd' : format;
  const isPacked = wanted === 'ymd' && /^\d{8}$/.test(written);
  const fields = isPacked ? [written.slice(0, 4), written.slice(4, 6), written.slice(6)] : written.split(/[\s/.,-]+/);
  const order = /^\d{4}$/.test(fields[0] ?? '') && fields.length === 3 ? 'ymd' : wanted;
  if (fields.length !== order.length) return null;
  const parts: DateParts = {};
  for (const [index, field] of fields.entries()) {
    const part = order[index] as keyof DateParts;
    const value = part === 'm' ? monthOf(field) : Number(/^\d{1,4}$/.test(field) ? field : Number.NaN);
    parts[part] = part === 'y' && field.length === 2 ? value + (value < CENTURY_FROM ? 2000 : 1900) : value;
  }
  const { y = 2000, m = 1, d = 1 } = parts;
  const lastDay = m === 2 && !isLeap(y) ? 28 : (DAYS_OF_MONTH[m - 1] ?? 0);
  return y >= 1 && d >= 1 && d <= lastDay ? parts : null;
}

/** 1 to 12 by number or name, as in `3`, `Mar` and `March`; NaN for anything else. */
function monthOf(field: string): number {
  if (/^\d{1,2}$/.test(field)) return Number(field);
  const begins = field.toLowerCase();
  const index = field.length < 3 ? -1 : MONTHS.findIndex((month) => month.toLowerCase().startsWith(begins));
  return index === -1 ? Number.NaN : index + 1;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}
