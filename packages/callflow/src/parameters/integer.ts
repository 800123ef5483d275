import type { Json } from '../io.ts';
import { kindOf } from '../json-value.ts';
import { asWritten, type Parameter, type Reading } from './parameter.ts';

interface IntegerOptions<Value extends number | null> {
  description: string;
  default: Value;
  minimum: number;
  maximum: number;
  required?: boolean;
  /** The only numbers of the range that there are. */
  values?: readonly number[];
}

/** A whole number within a range. Numeric texts are read, fractions cut off, numbers outside moved to the nearest bound. */
export function integer<Value extends number | null>(options: IntegerOptions<Value>): Parameter<number | Value> {
  return {
    kind: 'integer',
    description: options.description,
    required: options.required ?? false,
    default: options.default,
    minimum: options.minimum,
    maximum: options.maximum,
    ...(options.values !== undefined && { values: options.values }),
    read: (written) => readInteger(written, options),
  };
}

function readInteger<Value extends number | null>(
  written: Json,
  options: IntegerOptions<Value>,
): Reading<number | Value> {
  if (written === null) return asWritten(options.default);
  const number = numberIn(written);
  if (number === null) {
    const shown = typeof written === 'string' ? `"${written.slice(0, 40)}"` : shownNumber(written);
    return {
      value: options.default,
      verdict: 'refused',
      message: `is ${shown}; a whole number is expected, ${options.default ?? 'nothing'} is used`,
    };
  }
  const whole = Math.trunc(number) + 0;
  const bounded = Math.min(Math.max(whole, options.minimum), options.maximum);
  if (bounded !== whole) {
    const range = `${options.minimum} to ${options.maximum}`;
    return { value: bounded, verdict: 'refused', message: `is ${number}, outside ${range}; ${bounded} is used` };
  }
  const { values = [whole] } = options;
  if (!values.includes(whole)) {
    const message = `is ${number}; one of ${values.join(', ')} is expected, ${options.default ?? 'nothing'} is used`;
    return { value: options.default, verdict: 'refused', message };
  }
  if (whole !== number) return { value: whole, verdict: 'refused', message: `is ${number}; ${whole} is used` };
  if (typeof written === 'string') {
    return { value: whole, verdict: 'coerced', message: `is a text, taken as the number ${whole}` };
  }
  return asWritten(whole);
}

/** 1e999 is JSON, and more than a number can hold. */
function shownNumber(written: Json): string {
  return typeof written === 'number' ? 'too large a number' : kindOf(written);
}

function numberIn(written: Json): number | null {
  if (typeof written === 'number') return Number.isFinite(written) ? written : null;
  if (typeof written !== 'string' || !/^\s*[+-]?\d+(\.\d+)?\s*$/.test(written)) return null;
  return Number(written);
}
