import { isJsonObject } from '../json-value.ts';
import { nearestName } from '../nearest-name.ts';

/** What makes an object a flow, well written or not. */
const FLOW_KEYS: readonly string[] = ['actions', 'flows'];

const IN_JSON = /["'](?:actions|flows)["']\s*:/;
const IN_YAML = /^(?:["']?(?:actions|flows)|-\s+(?:\{\s*)?["']?type)["']?\s*:/m;
/** The keys at the top of what may be YAML. */
const YAML_KEY = /^["']?([A-Za-z_$][\w$-]{0,31})["']?\s*:(?:\s|$)/gm;
const MOST_KEYS = 20;

/**
 * Whether a text that need not be a flow is meant as one: an object that has `actions` or `flows`, or a list of something,
 * which has only to be wrapped; of what is no JSON, that these keys are in it as JSON or YAML would have them.
 */
export function isMeantAsFlow(text: string): boolean {
  const value = jsonIn(text);
  if (value !== undefined) {
    return Array.isArray(value) ? value.length > 0 : keysIn(value).some((key) => FLOW_KEYS.includes(key));
  }
  if (text.startsWith('<')) return false;
  return /^[[{]/.test(text) ? IN_JSON.test(text) : IN_YAML.test(text);
}

/** A key at the top of a text that was most likely to be `actions`; null when there is none. */
export function misspeltActions(text: string): string | null {
  const value = jsonIn(text);
  if (value !== undefined) return nearActions(keysIn(value));
  if (text.startsWith('<')) return null;
  return nearActions([...text.matchAll(YAML_KEY)].slice(0, MOST_KEYS).map(([, key = '']) => key));
}

/** Of the keys of an object without `actions`, the one that was most likely to be it; null when there is none. */
export function nearActions(keys: readonly string[]): string | null {
  return keys.slice(0, MOST_KEYS).find((key) => nearestName(key, ['actions']) !== null) ?? null;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function keysIn(value: unknown): string[] {
  return isJsonObject(value) ? Object.keys(value) : [];
}
