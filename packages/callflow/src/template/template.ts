import { LruCache } from '../expression/lru-cache.ts';
import type { Json, JsonObject } from '../io.ts';
import { parseTemplate, type Template } from './parse-template.ts';
import { readPath } from './path.ts';

/** Gives the value at a path such as `['sessionData', 'a', '0']`: a JSON value, or undefined when there is none. */
export type TemplateLookup = (path: readonly string[]) => unknown;

export interface TemplateLimits {
  /** UTF-16 units of the result; what goes beyond is cut off. */
  maxLength: number;
}

export const DEFAULT_TEMPLATE_LIMITS: TemplateLimits = { maxLength: 262_144 };

const templates = new LruCache<Template>(2_000);
const LONGEST_KEPT_TEXT = 4_096;

function templateOf(text: string): Template {
  return text.length > LONGEST_KEPT_TEXT ? parseTemplate(text) : templates.getOrMake(text, parseTemplate);
}

/**
 * Fills variables into a text: `${name}`, `${sessionData.a[0].b}`, `{{$name}}`, and with `...` before the name its
 * characters one by one, spaces between, without `+`. Missing and null give nothing, objects and arrays their JSON.
 * Anything else in braces stays as it is. Linear in the text and the values. Throws only what `lookup` throws.
 */
export function fillTemplate(
  text: string,
  lookup: TemplateLookup,
  limits: TemplateLimits = DEFAULT_TEMPLATE_LIMITS,
): string {
  if (!text.includes('{')) return text.length > limits.maxLength ? text.slice(0, limits.maxLength) : text;
  let filled = '';
  for (const piece of templateOf(text)) {
    if (typeof piece === 'string') {
      filled += piece;
    } else {
      const value = lookup(piece.path);
      filled += piece.spread ? spoken(value, limits.maxLength) : textOf(value);
    }
    if (filled.length > limits.maxLength) return filled.slice(0, limits.maxLength);
  }
  return filled;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : '';
}

/** For speech: `+1949` is `1 9 4 9`; an array's elements are kept whole. */
function spoken(value: unknown, maxLength: number): string {
  const parts = Array.isArray(value) ? value.map(textOf) : Array.from(textOf(value).slice(0, maxLength));
  return parts.filter((part) => part !== '+').join(' ');
}

/** The path of a text that is exactly `$name` or `$name.path`, a reference that keeps the value's type; null for any other. */
export function typedReference(text: string): string[] | null {
  if (text.charCodeAt(0) !== 36 || text.length === 1) return null;
  const read = readPath(text, 1);
  return read !== null && read.end === text.length ? read.path : null;
}

const MAX_DEPTH = 200;

/** A JSON value being filled, and how much more may be written. */
interface Filling {
  lookup: TemplateLookup;
  left: number;
}

/**
 * Fills every string of a JSON value: a typed reference becomes a deep copy of the variable's value (null when there is
 * none), any other text is a template. Keys stay. Past `limits.maxLength` (strings' length plus one for each value) or
 * 200 levels of nesting, texts, arrays and objects are cut and values are null. Throws only what `lookup` throws.
 */
export function fillJson(value: Json, lookup: TemplateLookup, limits: TemplateLimits = DEFAULT_TEMPLATE_LIMITS): Json {
  return fill(value, { lookup, left: limits.maxLength }, true, 0);
}

function fill(value: unknown, filling: Filling, isTemplate: boolean, depth: number): Json {
  filling.left -= 1;
  if (filling.left < 0 || depth > MAX_DEPTH) return null;
  switch (typeof value) {
    case 'string':
      return isTemplate ? fillString(value, filling, depth) : cut(value, filling);
    case 'number':
      return Number.isFinite(value) ? value : null;
    case 'boolean':
      return value;
    case 'object':
      if (value === null) return null;
      return Array.isArray(value)
        ? fillArray(value, filling, isTemplate, depth)
        : fillObject(value, filling, isTemplate, depth);
    default:
      return null;
  }
}

function fillArray(values: readonly unknown[], filling: Filling, isTemplate: boolean, depth: number): Json[] {
  const filled: Json[] = [];
  for (const element of values) {
    if (filling.left <= 0) break;
    filled.push(fill(element, filling, isTemplate, depth + 1));
  }
  return filled;
}

function fillObject(value: object, filling: Filling, isTemplate: boolean, depth: number): JsonObject {
  const filled: JsonObject = {};
  for (const [key, element] of Object.entries(value)) {
    if (filling.left <= 0) break;
    if (key === '__proto__') continue;
    filling.left -= key.length;
    filled[key] = fill(element, filling, isTemplate, depth + 1);
  }
  return filled;
}

function fillString(text: string, filling: Filling, depth: number): Json {
  const reference = typedReference(text);
  // What a variable holds is data: it is copied, never filled in its turn.
  if (reference !== null) return fill(filling.lookup(reference), filling, false, depth);
  const filled = fillTemplate(text, filling.lookup, { maxLength: Math.max(0, filling.left) });
  filling.left -= filled.length;
  return filled;
}

function cut(text: string, filling: Filling): string {
  const kept = text.slice(0, Math.max(0, filling.left));
  filling.left -= kept.length;
  return kept;
}
