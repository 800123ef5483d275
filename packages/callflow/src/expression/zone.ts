import { EvaluationError, type Frame } from './frame.ts';
import { LruCache } from './lru-cache.ts';

/** Steps that one use of a time zone costs. */
const ZONE_STEPS = 100;

/** The zone of the local methods of dates, charged for: asking for the offset of a zone is slow. */
export function zoneOf(frame: Frame): string | undefined {
  const { timeZone } = frame.scope;
  if (timeZone !== undefined) frame.charge(ZONE_STEPS);
  return timeZone;
}

const formats = new LruCache<Intl.DateTimeFormat>(64);

function formatOf(timeZone: string): Intl.DateTimeFormat {
  return formats.getOrMake(timeZone, (name) => {
    try {
      return new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch {
      throw new EvaluationError(`"${name}" is not a time zone; use an IANA name such as America/New_York`);
    }
  });
}

/** Milliseconds that the wall clock of the zone is ahead of UTC at a moment; 0 without a zone. */
export function zoneOffsetMs(epochMs: number, timeZone: string | undefined): number {
  if (timeZone === undefined || timeZone === 'UTC' || Number.isNaN(epochMs)) return 0;
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(timeZone).formatToParts(epochMs)) part[type] = Number(value);
  const wall = Date.UTC(
    part.year ?? 0,
    (part.month ?? 1) - 1,
    part.day ?? 1,
    part.hour ?? 0,
    part.minute ?? 0,
    part.second ?? 0,
  );
  return wall - Math.floor(epochMs / 1000) * 1000;
}

/** The wall clock of the zone as if it were UTC: read it with the UTC getters. */
export function wallClockMs(epochMs: number, timeZone: string | undefined): number {
  return epochMs + zoneOffsetMs(epochMs, timeZone);
}

const DAY_MS = 86_400_000;

/**
 * The moment at which the zone's wall clock shows `wallMs`. As in JavaScript, a time that exists twice is the first of the
 * two, and one that is skipped is read with the offset from before the change.
 */
export function epochOfWallClockMs(wallMs: number, timeZone: string | undefined): number {
  if (timeZone === undefined) return wallMs;
  const before = wallMs - zoneOffsetMs(wallMs - DAY_MS, timeZone);
  const after = wallMs - zoneOffsetMs(wallMs + DAY_MS, timeZone);
  if (before === after || wallClockMs(before, timeZone) === wallMs) return before;
  return wallClockMs(after, timeZone) === wallMs ? after : before;
}
