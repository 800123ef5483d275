import { joined, toNumber, toOptionalNumber, toText } from './coercion.ts';
import { type Callback, EvaluationError, type Frame } from './frame.ts';
import type { Method, Methods } from './method.ts';

function callbackOf(value: unknown, name: string): Callback {
  if (typeof value === 'function') return value as Callback;
  throw new EvaluationError(`.${name}() needs an arrow function, as in $list.${name}(x => x > 1)`);
}

/** A method whose callback gets the element, its index and the array. */
function visit(name: string, run: (list: unknown[], callback: Callback) => unknown): Method<unknown[]> {
  return (list, [callback], frame) => {
    frame.charge(list.length);
    return run(list, callbackOf(callback, name));
  };
}

function flattened(list: readonly unknown[], depth: number, frame: Frame, into: unknown[] = []): unknown[] {
  frame.charge(list.length);
  for (const element of list) {
    if (Array.isArray(element) && depth >= 1) flattened(element, depth - 1, frame, into);
    else into.push(element);
    frame.array(into);
  }
  return into;
}

function reduceWith(name: 'reduce' | 'reduceRight'): Method<unknown[]> {
  return (list, args, frame) => {
    frame.charge(list.length);
    const callback = callbackOf(args[0], name);
    const step = (sum: unknown, element: unknown, index: number): unknown => callback(sum, element, index, list);
    return args.length > 1 ? list[name](step, args[1]) : list[name](step);
  };
}

/** A sorted copy; as texts unless a comparison is given, undefined last. */
function sorted(list: unknown[], [compare]: unknown[], frame: Frame): unknown[] {
  frame.charge(list.length * Math.ceil(Math.log2(list.length + 2)));
  if (compare !== undefined) {
    const callback = callbackOf(compare, 'sort');
    return [...list].sort((left, right) => toNumber(callback(left, right), frame));
  }
  const missing = list.filter((value) => value === undefined);
  return list
    .filter((value) => value !== undefined)
    .map((value) => ({ value, text: toText(value, frame) }))
    .sort((left, right) => (left.text < right.text ? -1 : left.text > right.text ? 1 : 0))
    .map(({ value }) => value)
    .concat(missing);
}

function reversed(list: unknown[], _args: unknown[], frame: Frame): unknown[] {
  frame.charge(list.length);
  return [...list].reverse();
}

/** The methods of arrays in expressions. None changes the array: `sort` and `reverse` give a changed copy. */
export const ARRAY_METHODS: Methods<unknown[]> = {
  at: (list, [index], frame) => list.at(toNumber(index, frame)),
  concat: (list, args, frame) => {
    frame.charge(list.length);
    for (const more of args) frame.charge(Array.isArray(more) ? more.length : 1);
    return frame.array(list.concat(...args));
  },
  every: visit('every', (list, callback) => list.every((value, index) => callback(value, index, list))),
  filter: visit('filter', (list, callback) => list.filter((value, index) => callback(value, index, list))),
  find: visit('find', (list, callback) => list.find((value, index) => callback(value, index, list))),
  findIndex: visit('findIndex', (list, callback) => list.findIndex((value, index) => callback(value, index, list))),
  findLast: visit('findLast', (list, callback) => list.findLast((value, index) => callback(value, index, list))),
  findLastIndex: visit('findLastIndex', (list, callback) =>
    list.findLastIndex((value, index) => callback(value, index, list)),
  ),
  flat: (list, [depth], frame) => flattened(list, toOptionalNumber(depth, frame) ?? 1, frame),
  flatMap: (list, [callback], frame) => {
    const run = callbackOf(callback, 'flatMap');
    return flattened(
      list.map((value, index) => run(value, index, list)),
      1,
      frame,
    );
  },
  includes: (list, [sought, from], frame) => {
    frame.charge(list.length);
    return list.includes(sought, toOptionalNumber(from, frame));
  },
  indexOf: (list, [sought, from], frame) => {
    frame.charge(list.length);
    return list.indexOf(sought, toOptionalNumber(from, frame));
  },
  join: (list, [separator], frame) => joined(list, separator === undefined ? ',' : toText(separator, frame), frame),
  lastIndexOf: (list, [sought, from], frame) => {
    frame.charge(list.length);
    return from === undefined ? list.lastIndexOf(sought) : list.lastIndexOf(sought, toNumber(from, frame));
  },
  map: visit('map', (list, callback) => list.map((value, index) => callback(value, index, list))),
  reduce: reduceWith('reduce'),
  reduceRight: reduceWith('reduceRight'),
  reverse: reversed,
  slice: (list, [from, to], frame) => {
    frame.charge(list.length);
    return list.slice(toOptionalNumber(from, frame), toOptionalNumber(to, frame));
  },
  some: visit('some', (list, callback) => list.some((value, index) => callback(value, index, list))),
  sort: sorted,
  toReversed: reversed,
  toSorted: sorted,
  toString: (list, _args, frame) => joined(list, ',', frame),
  valueOf: (list) => list,
};

/** The methods whose first argument may be an arrow function. */
export const ARRAY_CALLBACK_METHODS: ReadonlySet<string> = new Set([
  'every',
  'filter',
  'find',
  'findIndex',
  'findLast',
  'findLastIndex',
  'flatMap',
  'map',
  'reduce',
  'reduceRight',
  'some',
  'sort',
  'toSorted',
]);
