import { nearestName } from '../nearest-name.ts';
import { ARRAY_CALLBACK_METHODS, ARRAY_METHODS } from './array-methods.ts';
import { toText } from './coercion.ts';
import { DATE_METHODS } from './date-methods.ts';
import type { Method, Methods } from './method.ts';
import { NUMBER_METHODS } from './number-methods.ts';
import { isForbiddenName } from './property.ts';
import { STRING_METHODS } from './string-methods.ts';

/** The methods of one name, by the kind of value they belong to. */
export interface MethodFamily {
  string: Method<string> | undefined;
  number: Method<number> | undefined;
  boolean: Method<boolean> | undefined;
  array: Method<unknown[]> | undefined;
  date: Method<Date> | undefined;
  object: Method<object> | undefined;
}

const BOOLEAN_METHODS: Methods<boolean> = {
  toString: (value) => String(value),
  valueOf: (value) => value,
};

const hasOwn: Method<object> = (object, [key], frame) => {
  const name = toText(key, frame);
  return !isForbiddenName(name) && Object.hasOwn(object, name);
};

const OBJECT_METHODS: Methods<object> = {
  hasOwnProperty: hasOwn,
  toString: (object, _args, frame) => toText(object, frame),
  valueOf: (object) => object,
};

function named<T>(methods: Methods<T>, name: string): Method<T> | undefined {
  return Object.hasOwn(methods, name) ? methods[name] : undefined;
}

/** Null when no kind of value has a method of that name. */
export function methodsNamed(name: string): MethodFamily | null {
  const object = named(OBJECT_METHODS, name);
  const family: MethodFamily = {
    string: named(STRING_METHODS, name),
    number: named(NUMBER_METHODS, name),
    boolean: named(BOOLEAN_METHODS, name),
    array: named(ARRAY_METHODS, name) ?? object,
    date: named(DATE_METHODS, name),
    object,
  };
  return Object.values(family).some((method) => method !== undefined) ? family : null;
}

const OF_ALL_KINDS: readonly object[] = [STRING_METHODS, ARRAY_METHODS, NUMBER_METHODS, DATE_METHODS, OBJECT_METHODS];

/** The method that whoever wrote a name most likely meant; null when none is near. */
export function nearestMethod(name: string): string | null {
  const names = OF_ALL_KINDS.map((methods) => nearestName(name, Object.keys(methods)));
  return names.find((near) => near !== null) ?? null;
}

/** The method for a value, as taking any receiver: the caller passes `value` itself. */
export function methodOf(family: MethodFamily, value: unknown): Method<unknown> | undefined {
  switch (typeof value) {
    case 'string':
      return family.string as Method<unknown> | undefined;
    case 'number':
      return family.number as Method<unknown> | undefined;
    case 'boolean':
      return family.boolean as Method<unknown> | undefined;
    case 'object':
      if (Array.isArray(value)) return family.array as Method<unknown> | undefined;
      if (value instanceof Date) return family.date as Method<unknown> | undefined;
      return family.object as Method<unknown> | undefined;
    default:
      return undefined;
  }
}

export function takesCallback(name: string): boolean {
  return ARRAY_CALLBACK_METHODS.has(name);
}
