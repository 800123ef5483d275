import type { Json } from '../../io.ts';
import { isJsonObject } from '../../json-value.ts';
import { placesOf } from './digit-pattern.ts';

const LONGEST_SHOWN = 60;

/** A parameter that takes patterns of keys, and the words for what may be wrong with it. */
type PatternParameter = { name: string; noneLeft: string; isNone: string };

/** The parameter stands in `params` with a value of some kind: `null` is as if it were not there. */
export function isWritten(params: Json | undefined, name: string): boolean {
  return params !== undefined && isJsonObject(params) && Object.hasOwn(params, name) && params[name] !== null;
}

/**
 * What is usable of the patterns that somebody wrote, and what is wrong with them. They were asked for: when none is left,
 * as of a variable without a value, nothing else must do in their place.
 */
export function patternsGiven(parameter: PatternParameter, written: Json): { patterns: string[]; faults: string[] } {
  const { name, noneLeft, isNone } = parameter;
  const texts = (Array.isArray(written) ? written.map(String) : []).filter((text) => text.trim() !== '');
  const patterns = texts.filter((text) => placesOf(text) !== null);
  const faults = texts
    .filter((text) => !patterns.includes(text))
    .map((text) => `params.${name}: "${text.slice(0, LONGEST_SHOWN)}" ${isNone}`);
  return { patterns, faults: patterns.length > 0 ? faults : [...faults, `params.${name} is empty: ${noneLeft}`] };
}
