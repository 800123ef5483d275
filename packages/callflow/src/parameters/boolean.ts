import type { Json } from '../io.ts';
import { kindOf } from '../json-value.ts';
import { asWritten, type Parameter, type Reading } from './parameter.ts';

interface BooleanOptions {
  description: string;
  default: boolean;
  /** The texts are as good as the values: documents in the field write `"end_on_exit": "true"`. */
  textIsFine?: true;
}

/** Yes or no. The texts `"true"` and `"false"` in any letter case and the numbers 1 and 0 are read too. */
export function boolean(options: BooleanOptions): Parameter<boolean> {
  return {
    kind: 'boolean',
    description: options.description,
    required: false,
    default: options.default,
    read: (written) => readBoolean(written, options),
  };
}

function readBoolean(written: Json, { default: fallback, textIsFine }: BooleanOptions): Reading<boolean> {
  if (typeof written === 'boolean') return asWritten(written);
  if (written === null) return asWritten(fallback);
  const meant = booleanIn(written);
  const shown = typeof written === 'string' ? `"${written.slice(0, 40)}"` : kindOf(written);
  if (meant === null) {
    return {
      value: fallback,
      verdict: 'refused',
      message: `is ${shown}; true or false is expected, ${fallback} is used`,
    };
  }
  if (textIsFine === true && typeof written === 'string') return asWritten(meant);
  return { value: meant, verdict: 'coerced', message: `is ${shown}, taken as ${meant}` };
}

/** What is certainly yes or no; null for anything else. */
export function booleanIn(written: Json): boolean | null {
  const word = typeof written === 'string' ? written.trim().toLowerCase() : written;
  if (word === 'true' || word === 1) return true;
  if (word === 'false' || word === 0) return false;
  return null;
}
