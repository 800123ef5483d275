import { toNumber, toPrimitive } from './coercion.ts';
import { localeText } from './date-locale.ts';
import { dateText, dayText, parseDateText, timeText } from './date-text.ts';
import type { Frame } from './frame.ts';
import type { Method, Methods } from './method.ts';
import { epochOfWallClockMs, wallClockMs, zoneOf, zoneOffsetMs } from './zone.ts';

/** `new Date(...)`: now, a copy, epoch milliseconds, a text, or year, month, … on the wall clock of the scope's zone. */
export function makeDate(args: unknown[], frame: Frame): Date {
  const [first] = args;
  if (args.length === 0) return new Date(frame.scope.nowMs);
  if (args.length > 1) {
    return new Date(epochOfWallClockMs(utcOf(args, frame), zoneOf(frame)));
  }
  if (first instanceof Date) return new Date(first.getTime());
  const primitive = toPrimitive(first, 'default', frame);
  if (typeof primitive === 'string') return new Date(parseDateText(primitive, zoneOf(frame)));
  return new Date(Number(primitive));
}

/** Date.UTC. */
export function utcOf(args: unknown[], frame: Frame): number {
  const [year = Number.NaN, ...rest] = args.slice(0, 7).map((value) => toNumber(value, frame));
  return Date.UTC(year, ...rest);
}

/** The parts of a date that Date reads and writes; the day of the week is only read. */
const PARTS = ['FullYear', 'Month', 'Date', 'Hours', 'Minutes', 'Seconds', 'Milliseconds'] as const;

type UtcSetter = (this: Date, ...values: number[]) => number;

function partMethods(): Record<string, Method<Date>> {
  const methods: Record<string, Method<Date>> = {};
  for (const part of [...PARTS, 'Day'] as const) {
    methods[`getUTC${part}`] = (date) => date[`getUTC${part}`]();
    methods[`get${part}`] = (date, _args, frame) =>
      new Date(wallClockMs(date.getTime(), zoneOf(frame)))[`getUTC${part}`]();
  }
  for (const part of PARTS) {
    const set = (date: Date, args: unknown[], frame: Frame): number => {
      const setter: UtcSetter = date[`setUTC${part}`];
      // No argument at all is NaN in JavaScript, and a date that is not valid.
      return setter.apply(
        date,
        args.length === 0 ? [Number.NaN] : args.slice(0, 4).map((value) => toNumber(value, frame)),
      );
    };
    methods[`setUTC${part}`] = set;
    methods[`set${part}`] = (date, args, frame) => {
      const wall = new Date(wallClockMs(date.getTime(), zoneOf(frame)));
      set(wall, args, frame);
      return date.setTime(epochOfWallClockMs(wall.getTime(), zoneOf(frame)));
    };
  }
  return methods;
}

/** The methods of dates. Those without UTC in their name work in the scope's time zone, never in the machine's. */
export const DATE_METHODS: Methods<Date> = {
  ...partMethods(),
  getTime: (date) => date.getTime(),
  getTimezoneOffset: (date, _args, frame) => {
    const offset = -zoneOffsetMs(date.getTime(), zoneOf(frame)) / 60_000;
    return Number.isNaN(date.getTime()) ? Number.NaN : offset || 0;
  },
  setTime: (date, [timeMs], frame) => date.setTime(toNumber(timeMs, frame)),
  toDateString: (date, _args, frame) => dayText(date, zoneOf(frame)),
  toISOString: (date) => date.toISOString(),
  toJSON: (date) => date.toJSON(),
  toLocaleDateString: localeText('toLocaleDateString'),
  toLocaleString: localeText('toLocaleString'),
  toLocaleTimeString: localeText('toLocaleTimeString'),
  toString: (date, _args, frame) => dateText(date, zoneOf(frame)),
  toTimeString: (date, _args, frame) => timeText(date, zoneOf(frame)),
  toUTCString: (date) => date.toUTCString(),
  valueOf: (date) => date.getTime(),
};
