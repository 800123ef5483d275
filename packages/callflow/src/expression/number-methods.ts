import { toOptionalNumber } from './coercion.ts';
import type { Methods } from './method.ts';

/** The methods of numbers in expressions. */
export const NUMBER_METHODS: Methods<number> = {
  toExponential: (value, [digits], frame) => value.toExponential(toOptionalNumber(digits, frame)),
  toFixed: (value, [digits], frame) => value.toFixed(toOptionalNumber(digits, frame)),
  toPrecision: (value, [digits], frame) => value.toPrecision(toOptionalNumber(digits, frame)),
  toString: (value, [radix], frame) => value.toString(toOptionalNumber(radix, frame)),
  valueOf: (value) => value,
};
