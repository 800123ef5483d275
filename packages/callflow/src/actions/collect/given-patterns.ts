import { reportError, type Spot, type Step } from '../../interpreter/step.ts';
import type { Json } from '../../io.ts';
import { isJsonObject } from '../../json-value.ts';
import type { CompiledParameters, Warn } from '../../parameters/compile.ts';
import { placesOf } from './digit-pattern.ts';

const LONGEST_SHOWN = 60;

/** A parameter that takes patterns of keys, and the words for what may be wrong with it. */
type PatternParameter = { name: string; noneLeft: string; isNone: string };

/** The parameter stands in `params` with a value of some kind: `null` is as if it were not there. */
export function isWritten(params: Json | undefined, name: string): boolean {
  return params !== undefined && isJsonObject(params) && Object.hasOwn(params, name) && params[name] !== null;
}

/** Whether patterns are asked for. Warns of what is wrong with those that are known before the call. */
export function checkPatterns(
  parameter: PatternParameter,
  params: Json | undefined,
  { fixed, filled }: CompiledParameters,
  warn: Warn,
): boolean {
  const { name } = parameter;
  if (!isWritten(params, name)) return false;
  if (!Object.hasOwn(filled ?? {}, name))
    for (const fault of readPatterns(parameter, fixed[name] ?? []).faults) warn(fault);
  return true;
}

/** The patterns that are asked for, as the call has them now; what is wrong with them is reported. */
export function patternsNow(step: Step, spot: Spot, parameter: PatternParameter, written: readonly string[]): string[] {
  const { patterns, faults } = readPatterns(parameter, [...written]);
  for (const fault of faults) reportError(step, spot, fault);
  return patterns;
}

/** When none is left, as of a variable without a value, nothing else must do in their place. */
function readPatterns(
  { name, noneLeft, isNone }: PatternParameter,
  written: Json,
): { patterns: string[]; faults: string[] } {
  const texts = (Array.isArray(written) ? written.map(String) : []).filter((text) => text.trim() !== '');
  const patterns = texts.filter((text) => placesOf(text) !== null);
  const faults = texts
    .filter((text) => !patterns.includes(text))
    .map((text) => `params.${name}: "${text.slice(0, LONGEST_SHOWN)}" ${isNone}`);
  return { patterns, faults: patterns.length > 0 ? faults : [...faults, `params.${name} is empty: ${noneLeft}`] };
}
