import { isDeepStrictEqual } from 'node:util';

/** Fails with `what`, both values in the message, unless they are deeply equal. */
export function equal<T>(actual: T, expected: T, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Error(`${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
}

/** Fails with `what` unless the value is true-ish. */
export function ok(value: unknown, what: string): void {
  if (!value) throw new Error(`not so: ${what}`);
}

/** Fails unless `action` fails with a message that `pattern` matches. */
export async function rejects(action: () => Promise<unknown>, pattern: RegExp): Promise<void> {
  try {
    await action();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (pattern.test(message)) return;
    throw new Error(`failed with "${message}", ${pattern} expected`);
  }
  throw new Error(`did not fail; ${pattern} expected`);
}

/** Fails unless `value` is a number from `low` to `high`. */
export function between(value: unknown, low: number, high: number, what: string): void {
  if (typeof value === 'number' && value >= low && value <= high) return;
  throw new Error(`${what}: expected ${low} to ${high}, got ${JSON.stringify(value)}`);
}

/** Fails unless the text matches. */
export function matches(value: unknown, pattern: RegExp, what: string): void {
  if (typeof value === 'string' && pattern.test(value)) return;
  throw new Error(`${what}: expected ${pattern}, got ${JSON.stringify(value)}`);
}
