import type { Json } from '../io.ts';
import { asWritten, type Parameter } from './parameter.ts';

/** A value of any kind, taken as it is; null when not written. */
export function json(options: { description: string }): Parameter<Json> {
  return { kind: 'json', description: options.description, required: false, default: null, read: asWritten };
}
