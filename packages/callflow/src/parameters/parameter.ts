import type { Json } from '../io.ts';
import type { TextForm } from './text-form.ts';

/**
 * What became of a written value. `coerced`: another type was written but the meaning is certain (numeric string for a
 * number). `refused`: the value could not be used as it is; `value` is the default or the nearest allowed one.
 */
export interface Reading<Value> {
  value: Value;
  verdict: 'as_written' | 'coerced' | 'refused';
  /** What was wrong and what was done about it; empty when as written. */
  message: string;
  /** Of an object: what was wrong with its members; `message` is empty then. */
  members?: Fault[];
}

/** Something that was not as it should be, and where: the name of a parameter, and of a member of it. */
export interface Fault {
  path: readonly string[];
  verdict: 'coerced' | 'refused';
  message: string;
}

/** One entry of an action's `params`: its documentation, and how a written value becomes a usable one. */
export interface Parameter<Value extends Json> {
  kind:
    | 'text'
    | 'integer'
    | 'boolean'
    | 'choice'
    | 'choices'
    | 'text_list'
    | 'values'
    | 'json'
    | 'json_object'
    | 'webhook'
    | 'details';
  description: string;
  required: boolean;
  /** Used when the parameter is not written, or is null. */
  default: Value;
  minimum?: number;
  maximum?: number;
  /** Of a `choice` or `choices`: what may be written. */
  options?: readonly string[];
  /** Of an `integer`: the only numbers that there are. */
  values?: readonly number[];
  /** Of a text, or of each of a `text_list`. */
  form?: TextForm;
  /** A text that is taken as it is written: `$` in it means no variable. */
  isLiteral?: true;
  /** Of `details`: what an object may hold. */
  members?: ParameterSchema;
  read(written: Json): Reading<Value>;
}

export interface ParameterSchema {
  readonly [name: string]: Parameter<Json>;
}

/** The values an action sees: one per parameter of its schema, coerced and with defaults filled in. */
export type ParameterValues<Schema> = {
  [Name in keyof Schema]: Schema[Name] extends { default: infer Value } ? Value : never;
};

export function asWritten<Value>(value: Value): Reading<Value> {
  return { value, verdict: 'as_written', message: '' };
}

/** What was wrong with the value of a parameter, one by one. */
export function faultsOf(name: string, { verdict, message, members }: Reading<Json>): Fault[] {
  if (members !== undefined) return members.map((fault) => ({ ...fault, path: [name, ...fault.path] }));
  return verdict === 'as_written' ? [] : [{ path: [name], verdict, message }];
}
