import type { Json, JsonObject } from '../io.ts';
import { isJsonObject, kindOf } from '../json-value.ts';
import { asWritten, type Parameter } from './parameter.ts';

/** A value of any kind, taken as it is; null when not written. */
export function json(options: { description: string }): Parameter<Json> {
  return { kind: 'json', description: options.description, required: false, default: null, read: asWritten };
}

/** An object with members of any kind; null when not written. */
export function jsonObject(options: { description: string }): Parameter<JsonObject | null> {
  return {
    kind: 'json_object',
    description: options.description,
    required: false,
    default: null,
    read(written) {
      if (written === null || isJsonObject(written)) return asWritten(written);
      return { value: null, verdict: 'refused', message: `is ${kindOf(written)}; an object is expected, none is used` };
    },
  };
}
