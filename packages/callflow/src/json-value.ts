import type { Json, JsonObject } from './io.ts';

/** True for a JSON object (not an array, not null). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own property of an object, array or string; anything inherited is undefined. */
export function ownProperty(value: unknown, key: string): unknown {
  if (typeof value === 'string') {
    return key === 'length' ? value.length : undefined;
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}

/** True when a value nests deeper than `maxDepth` arrays and objects. */
export function isDeeperThan(value: Json, maxDepth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (maxDepth <= 0) return true;
  if (Array.isArray(value)) return value.some((item) => isDeeperThan(item, maxDepth - 1));
  return Object.values(value).some((item) => isDeeperThan(item, maxDepth - 1));
}

/** Freezes a JSON value through and through, so that states can share it. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}

/**
 * A value as it survives being written as JSON and read again: numbers that are not finite become null, `-0` becomes
 * `0`, undefined members vanish. Undefined itself stays undefined, and so does a bare number that is not finite: in
 * conditions both behave alike (every comparison with them is false).
 */
export function toStorable(value: unknown): Json | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value + 0 : undefined;
    case 'object':
      if (value === null) return null;
      return JSON.parse(JSON.stringify(value)) as Json;
    default:
      return undefined;
  }
}

/** What a value is, for messages: `null`, `a list`, `an object`, `a number`. */
export function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
