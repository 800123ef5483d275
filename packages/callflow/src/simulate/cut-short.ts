import type { StepResult } from '../interpreter/interpreter.ts';
import { isJsonObject } from '../json-value.ts';

/**
 * What a key led to: it cut a SAY or PLAY short, and no COLLECT right behind it has missed the key, which is what a caller
 * has it for.
 */
export function isCutShort({ state, events }: StepResult): boolean {
  if (!events.some(({ type, data }) => type === 'progress' && Object.hasOwn(data, 'digit'))) return false;
  const frames = state.kind === 'call' ? state.strands.flatMap((strand) => strand.frames) : [];
  return !frames.some(({ wait }) => isJsonObject(wait) && wait.takesDigits === true && wait.digits === '');
}
