import type { BinaryOperator } from 'acorn';
import { looselyEqual, toKey, toNumber, toPrimitive, toText } from './coercion.ts';
import { EvaluationError, type Frame } from './frame.ts';
import { isForbiddenName } from './property.ts';

export type Binary = (left: unknown, right: unknown, frame: Frame) => unknown;

export function add(left: unknown, right: unknown, frame: Frame): unknown {
  if (typeof left === 'number' && typeof right === 'number') return left + right;
  const leftPrimitive = toPrimitive(left, 'default', frame);
  const rightPrimitive = toPrimitive(right, 'default', frame);
  if (typeof leftPrimitive === 'string' || typeof rightPrimitive === 'string') {
    return frame.text(String(leftPrimitive) + String(rightPrimitive));
  }
  return Number(leftPrimitive) + Number(rightPrimitive);
}

function numeric(operate: (left: number, right: number) => number): Binary {
  return (left, right, frame) => operate(toNumber(left, frame), toNumber(right, frame));
}

/** Strings are compared as strings only when both sides are strings. */
function relational(
  ofStrings: (l: string, r: string) => boolean,
  ofNumbers: (l: number, r: number) => boolean,
): Binary {
  return (left, right, frame) => {
    if (typeof left === 'number' && typeof right === 'number') return ofNumbers(left, right);
    const leftPrimitive = toPrimitive(left, 'number', frame);
    const rightPrimitive = toPrimitive(right, 'number', frame);
    return typeof leftPrimitive === 'string' && typeof rightPrimitive === 'string'
      ? ofStrings(leftPrimitive, rightPrimitive)
      : ofNumbers(Number(leftPrimitive), Number(rightPrimitive));
  };
}

function isKeyOf(left: unknown, right: unknown, frame: Frame): boolean {
  if (typeof right !== 'object' || right === null) {
    throw new EvaluationError(`"in" looks for a key of an object or array, not of ${toText(right, frame)}`);
  }
  const key = toKey(left, frame);
  return !isForbiddenName(String(key)) && Object.hasOwn(right, key);
}

/** Every binary operator we take but the logical ones, which decide whether the right side runs at all. */
export const BINARY: Partial<Record<BinaryOperator, Binary>> = {
  '==': looselyEqual,
  '!=': (left, right, frame) => !looselyEqual(left, right, frame),
  '===': (left, right) => left === right,
  '!==': (left, right) => left !== right,
  '<': relational(
    (l, r) => l < r,
    (l, r) => l < r,
  ),
  '<=': relational(
    (l, r) => l <= r,
    (l, r) => l <= r,
  ),
  '>': relational(
    (l, r) => l > r,
    (l, r) => l > r,
  ),
  '>=': relational(
    (l, r) => l >= r,
    (l, r) => l >= r,
  ),
  '+': add,
  '-': numeric((l, r) => l - r),
  '*': numeric((l, r) => l * r),
  '/': numeric((l, r) => l / r),
  '%': numeric((l, r) => l % r),
  '**': numeric((l, r) => l ** r),
  '|': numeric((l, r) => l | r),
  '&': numeric((l, r) => l & r),
  '^': numeric((l, r) => l ^ r),
  '<<': numeric((l, r) => l << r),
  '>>': numeric((l, r) => l >> r),
  '>>>': numeric((l, r) => l >>> r),
  in: isKeyOf,
};
