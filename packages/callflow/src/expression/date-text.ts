import { epochOfWallClockMs, wallClockMs, zoneOffsetMs } from './zone.ts';

const ISO_DATE = /^[+-]?\d{4,6}(?:-\d\d){0,2}$/;
const ENDS_WITH_ZONE = /(?:Z|GMT|UTC?|[ECMP][SD]T|:\d\d(?:\.\d+)?\s*(?:GMT|UTC)?\s*[+-]\d\d:?\d\d)\s*(?:\([^()]*\))?$/i;
const LONGEST_DATE_TEXT = 100;

/** Date.parse, except that texts without a zone are read in `timeZone` (UTC unless given), never in the machine's. */
export function parseDateText(text: string, timeZone: string | undefined): number {
  if (text.length > LONGEST_DATE_TEXT) return Number.NaN;
  const trimmed = text.trim();
  if (ISO_DATE.test(trimmed) || ENDS_WITH_ZONE.test(trimmed)) return Date.parse(trimmed);
  const iso = Date.parse(`${trimmed}Z`);
  return epochOfWallClockMs(Number.isNaN(iso) ? Date.parse(`${trimmed} GMT`) : iso, timeZone);
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

/** Date.prototype.toString in the given zone. */
export function dateText(date: Date, timeZone: string | undefined): string {
  if (Number.isNaN(date.getTime())) return 'Invalid Date';
  return `${dayText(date, timeZone)} ${timeText(date, timeZone)}`;
}

/** Date.prototype.toDateString in the given zone. */
export function dayText(date: Date, timeZone: string | undefined): string {
  if (Number.isNaN(date.getTime())) return 'Invalid Date';
  const wall = new Date(wallClockMs(date.getTime(), timeZone));
  const year = wall.getUTCFullYear();
  const yearText = year < 0 ? `-${digits(-year, 6)}` : digits(year, 4);
  return `${DAYS[wall.getUTCDay()]} ${MONTHS[wall.getUTCMonth()]} ${digits(wall.getUTCDate(), 2)} ${yearText}`;
}

/** Date.prototype.toTimeString in the given zone. */
export function timeText(date: Date, timeZone: string | undefined): string {
  if (Number.isNaN(date.getTime())) return 'Invalid Date';
  const offsetMinutes = Math.trunc(zoneOffsetMs(date.getTime(), timeZone) / 60_000);
  const wall = new Date(wallClockMs(date.getTime(), timeZone));
  const clock = [wall.getUTCHours(), wall.getUTCMinutes(), wall.getUTCSeconds()].map((n) => digits(n, 2)).join(':');
  const ahead = Math.abs(offsetMinutes);
  const offset = `${offsetMinutes < 0 ? '-' : '+'}${digits(Math.floor(ahead / 60), 2)}${digits(ahead % 60, 2)}`;
  return `${clock} GMT${offset} (${timeZone ?? 'Coordinated Universal Time'})`;
}
