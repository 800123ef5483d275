import type { Json, JsonObject } from '../io.ts';
import { kindOf } from '../json-value.ts';
import { asWritten, type Parameter } from './parameter.ts';

/** A list or an object of values of any kind. A single value counts as a list of one, nothing as the empty list. */
export function values(options: { description: string; required?: boolean }): Parameter<Json[] | JsonObject> {
  return {
    kind: 'values',
    description: options.description,
    required: options.required ?? false,
    default: [],
    read(written) {
      if (written === null) return asWritten([]);
      if (typeof written === 'object') return asWritten(written);
      return { value: [written], verdict: 'coerced', message: `is ${kindOf(written)}, taken as a list of one` };
    },
  };
}
