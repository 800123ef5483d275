/** Names that lead from data to code in JavaScript; here they are never there. */
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export function isForbiddenName(name: string): boolean {
  return FORBIDDEN_NAMES.has(name);
}

/**
 * One own property of a JSON value: an object's key, an array's element or `length`, a string's character or `length`.
 * Anything else is undefined, inherited properties above all. Reading from null or undefined gives undefined (in
 * JavaScript it throws): a flow must not stop because a caller's data is missing.
 */
export function propertyOf(value: unknown, key: string | number): unknown {
  if (typeof value === 'object' && value !== null) {
    if (typeof key === 'string' && FORBIDDEN_NAMES.has(key)) return undefined;
    if (!Object.hasOwn(value, key)) return undefined;
    const property: unknown = (value as Record<string | number, unknown>)[key];
    return typeof property === 'function' || typeof property === 'symbol' ? undefined : property;
  }
  if (typeof value === 'string') {
    if (key === 'length') return value.length;
    return Object.hasOwn(Object(value), key) ? (value as unknown as Record<string | number, string>)[key] : undefined;
  }
  return undefined;
}

/** The value at `path` below `value`, by {@link propertyOf} at every step; `path` may be empty. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (current === undefined || current === null) return undefined;
    current = propertyOf(current, key);
  }
  return current;
}
