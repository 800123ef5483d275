import { dateText } from './date-text.ts';
import type { Frame } from './frame.ts';
import { zoneOf } from './zone.ts';

type Primitive = undefined | null | boolean | number | string;

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** JavaScript's ToPrimitive over our values, without asking the values themselves: `toString` keys in data have no say. */
export function toPrimitive(value: unknown, hint: 'default' | 'number' | 'string', frame: Frame): Primitive {
  if (!isObject(value)) {
    // It is about to be read as a number, or compared.
    if (hint === 'number' && typeof value === 'string') frame.charge(value.length >> 5);
    return value as Primitive;
  }
  if (value instanceof Date) return hint === 'number' ? value.getTime() : dateText(value, zoneOf(frame));
  if (Array.isArray(value)) return joined(value, ',', frame);
  return '[object Object]';
}

/** Array.prototype.join: null and undefined are empty. */
export function joined(values: readonly unknown[], separator: string, frame: Frame): string {
  let text = '';
  frame.charge(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (i > 0) text += separator;
    if (value !== undefined && value !== null) text += toText(value, frame);
    frame.allowLength(text.length);
  }
  return text;
}

export function toText(value: unknown, frame: Frame): string {
  return typeof value === 'string' ? value : String(toPrimitive(value, 'string', frame));
}

export function toNumber(value: unknown, frame: Frame): number {
  return typeof value === 'number' ? value : Number(toPrimitive(value, 'number', frame));
}

/** For optional arguments: undefined stays undefined. */
export function toOptionalNumber(value: unknown, frame: Frame): number | undefined {
  return value === undefined ? undefined : toNumber(value, frame);
}

/** A key for a computed member: `a[0]`, `a['x']`, `a[1.5]`. */
export function toKey(value: unknown, frame: Frame): string | number {
  return typeof value === 'string' || typeof value === 'number' ? value : toText(value, frame);
}

/** The `==` of JavaScript. */
export function looselyEqual(left: unknown, right: unknown, frame: Frame): boolean {
  const leftIsObject = isObject(left);
  const rightIsObject = isObject(right);
  if (leftIsObject === rightIsObject) {
    if (typeof left === 'string') frame.charge(left.length >> 5);
    if (typeof right === 'string') frame.charge(right.length >> 5);
    // biome-ignore lint/suspicious/noDoubleEquals: this is the operator itself, over two primitives or two objects.
    return left == right;
  }
  if (left === undefined || left === null || right === undefined || right === null) return false;
  const leftPrimitive = leftIsObject ? toPrimitive(left, 'default', frame) : left;
  const rightPrimitive = rightIsObject ? toPrimitive(right, 'default', frame) : right;
  // biome-ignore lint/suspicious/noDoubleEquals: as above, both primitive now.
  return leftPrimitive == rightPrimitive;
}
