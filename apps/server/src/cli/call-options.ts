import type { CallerAct } from '@voxology/callflow';
import { InvalidArgumentError } from 'commander';

/** What may stand in an option such as `busy,after=3s`: how each key is read, and as what it goes into the script. */
export type Fields = Readonly<Record<string, { as: string; read: (text: string) => unknown }>>;

/** A duration such as `5s`, `800ms` or `2m`, in milliseconds; a bare number is seconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Write a time such as 5s, 800ms or 2m.');
  const unitMs = { ms: 1, s: 1000, m: 60_000 }[match[2] ?? 's'] ?? 1000;
  return Number(match[1]) * unitMs;
}

/** A duration, or `never`, which is null. */
export function durationOrNever(text: string): number | null {
  return text === 'never' ? null : duration(text);
}

/** A moment in ISO 8601; without a zone in that of this machine. */
export function moment(text: string): string {
  if (!/^\d{4}-/.test(text) || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('Write a time such as 2026-01-02T09:00:00Z.');
  return text;
}

/** Gives the acts with one more, in the same list: several switches may fill it in the order of the command line. */
export function noted(acts: CallerAct[], act: CallerAct): CallerAct[] {
  acts.push(act);
  return acts;
}

/** A whole number from `least` on. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    if (!/^\d{1,6}$/.test(text) || Number(text) < least)
      throw new InvalidArgumentError(`Write a whole number, ${least} or more.`);
    return Number(text);
  };
}

/** Keys of a telephone; none at all may be meant. */
export function keys(text: string): string {
  if (!/^[0-9*#A-Da-d]*$/.test(text)) throw new InvalidArgumentError('Keys are 0-9, *, # and A-D.');
  return text;
}

/** One of several words. */
export function oneOf(...words: string[]): (text: string) => string {
  return (text) => {
    if (!words.includes(text)) throw new InvalidArgumentError(`Write one of ${words.join(', ')}; not "${text}".`);
    return text;
  };
}

/** Reads `first,key=value,word` by a table of fields; a first part without `=` is the value of the field named `bare`. */
export function fieldsOf(text: string, fields: Fields, bare: string | null): Record<string, unknown> {
  const entry: Record<string, unknown> = {};
  for (const [index, part] of text.split(',').entries()) {
    const equals = part.indexOf('=');
    const isBare = equals === -1 && index === 0 && bare !== null && !Object.hasOwn(fields, part);
    const [key, value] = isBare
      ? [bare, part]
      : equals === -1
        ? [part, 'yes']
        : [part.slice(0, equals), part.slice(equals + 1)];
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (field === undefined) {
      throw new InvalidArgumentError(`There is no "${key}"; there are ${Object.keys(fields).join(', ')}.`);
    }
    entry[field.as] = field.read(value);
  }
  return entry;
}
