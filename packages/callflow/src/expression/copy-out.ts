import { EvaluationError, type Frame } from './frame.ts';

const MAX_DEPTH = 200;

/** A value on its way out of the expression: a deep copy in plain JSON, dates as epoch milliseconds. */
export function copyOut(value: unknown, frame: Frame, depth = 0): unknown {
  if (typeof value === 'string') frame.charge(value.length >> 5);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) throw new EvaluationError(`the value is nested more than ${MAX_DEPTH} levels deep`);
  frame.charge(1);
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) {
    const copy: unknown[] = new Array(value.length);
    frame.charge(value.length);
    // Not map(): it would keep holes.
    for (let i = 0; i < value.length; i++) copy[i] = copyOut(value[i], frame, depth + 1) ?? null;
    return copy;
  }
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (key === '__proto__') continue;
    const element = copyOut((value as Record<string, unknown>)[key], frame, depth + 1);
    if (element !== undefined) copy[key] = element;
    frame.charge(1);
  }
  return copy;
}
