import { toText } from './coercion.ts';
import { EvaluationError, type Frame } from './frame.ts';
import type { Method } from './method.ts';

/** Steps that one text costs: its format is made anew. */
const FORMAT_STEPS = 1_000;
const LONGEST_LOCALE = 60;

/** The options of Intl.DateTimeFormat that there are; others have no effect. */
const TEXT_OPTIONS = [
  'timeZone',
  'weekday',
  'year',
  'month',
  'day',
  'hour',
  'minute',
  'second',
  'hourCycle',
  'timeZoneName',
  'dateStyle',
  'timeStyle',
] as const;

/**
 * A method of dates that writes them for a language and in a time zone (ECMA-402): `toLocaleString('en-US', { timeZone:
 * 'America/New_York', hour: 'numeric' })`. Without a language it is American English, without a zone the scope's, never
 * the machine's. Throws EvaluationError for what is no language, no zone or no value of an option.
 */
export function localeText(method: 'toLocaleString' | 'toLocaleDateString' | 'toLocaleTimeString'): Method<Date> {
  return (date, [locale, options], frame) => {
    frame.charge(FORMAT_STEPS);
    const language = locale === undefined ? 'en-US' : toText(locale, frame).slice(0, LONGEST_LOCALE);
    try {
      return date[method](language, optionsOf(options, frame));
    } catch (error) {
      if (!(error instanceof RangeError || error instanceof TypeError)) throw error;
      throw new EvaluationError(`${method}: ${error.message}`);
    }
  };
}

function optionsOf(given: unknown, frame: Frame): Intl.DateTimeFormatOptions {
  const options: Record<string, string | boolean> = { timeZone: frame.scope.timeZone ?? 'UTC' };
  if (typeof given !== 'object' || given === null) return options;
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (name === 'hour12') options.hour12 = Boolean(value);
    else if (TEXT_OPTIONS.some((known) => known === name)) options[name] = toText(value, frame);
  }
  return options;
}
