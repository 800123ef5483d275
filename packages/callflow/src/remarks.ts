import type { JsonObject } from './io.ts';

/** True for keys that hold remarks: `comment`, `comments`, `comment:params:no`. */
export function isComment(key: string): boolean {
  return /^comments?(?:$|[:_-])/i.test(key);
}

/** What {@link isComment} takes, for the `patternProperties` of a JSON Schema. */
export const REMARKS: JsonObject = { '^[cC][oO][mM][mM][eE][nN][tT][sS]?($|[:_-])': {} };
