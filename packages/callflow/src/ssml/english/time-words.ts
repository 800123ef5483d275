import { wholeNumberWords } from './number-words.ts';

const TIME = /^(\d{1,2})(?:[:.](\d{2}))?(?:[:.](\d{2}))?\s*([ap])?\.?\s?(?:m\.?)?$/i;

/**
 * A time of day in words: `two thirty p.m.`, `nine o'clock`, `seven oh five a.m.`; for the format `hms24` by the 24-hour clock:
 * `fourteen thirty`, `nine hundred hours`. Null when the text is no time.
 */
export function timeWords(written: string, format: string): string | null {
  const [, hours, minutes, seconds, half] = TIME.exec(written) ?? [];
  const hour = Number(hours);
  if (hours === undefined || !(hour <= 24) || Number(minutes ?? 0) > 59 || Number(seconds ?? 0) > 59) return null;
  if (half !== undefined && (hour > 12 || hour === 0)) return null;
  const rest = seconds === undefined || Number(seconds) === 0 ? '' : ` and ${counted(Number(seconds), 'second')}`;
  const isByHalves = half !== undefined || (format !== 'hms24' && (hour > 12 || hour === 0));
  if (isByHalves) {
    const isMorning = half === undefined ? hour % 24 < 12 : half.toLowerCase() === 'a';
    return `${hourAndMinutes(hour % 12 || 12, minutes, '')}${rest} ${isMorning ? 'a.m.' : 'p.m.'}`;
  }
  return hourAndMinutes(hour, minutes, format === 'hms24' ? ' hundred hours' : " o'clock") + rest;
}

function hourAndMinutes(hour: number, minutes: string | undefined, whole: string): string {
  const words = wholeNumberWords(String(hour));
  if (minutes === undefined || minutes === '00') return words + whole;
  return `${words} ${minutes.startsWith('0') ? 'oh ' : ''}${wholeNumberWords(minutes)}`;
}

function counted(number: number, unit: string): string {
  return `${wholeNumberWords(String(number))} ${unit}${number === 1 ? '' : 's'}`;
}
