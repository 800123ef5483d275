import { toNumber, toOptionalNumber, toText } from './coercion.ts';
import { makeDate, utcOf } from './date-methods.ts';
import { EvaluationError, type Frame } from './frame.ts';
import { jsonText } from './json-text.ts';
import { isForbiddenName } from './property.ts';

export type GlobalFunction = (args: unknown[], frame: Frame) => unknown;

function ofNumber(operate: (value: number) => unknown): GlobalFunction {
  return ([value], frame) => operate(toNumber(value, frame));
}

function ofNumbers(operate: (...values: number[]) => number): GlobalFunction {
  return (args, frame) => {
    frame.charge(args.length);
    return operate(...args.map((value) => toNumber(value, frame)));
  };
}

function isNumberWith(test: (value: number) => boolean): GlobalFunction {
  return ([value]) => typeof value === 'number' && test(value);
}

/** The enumerable keys of an object, array or string; nothing else has any. */
function keysOf(value: unknown, frame: Frame): string[] {
  if (value === undefined || value === null) throw new EvaluationError(`there are no keys in ${value}`);
  if (value instanceof Date || (typeof value !== 'object' && typeof value !== 'string')) return [];
  const keys = Object.keys(value).filter((key) => !isForbiddenName(key));
  frame.charge(keys.length);
  frame.array(keys);
  return keys;
}

function elementOf(value: unknown, key: string): unknown {
  return (value as Record<string, unknown>)[key];
}

function parsed([text]: unknown[], frame: Frame): unknown {
  const json = toText(text, frame);
  frame.chargeText(json);
  try {
    return JSON.parse(json);
  } catch {
    throw new EvaluationError('JSON.parse: the text is not JSON');
  }
}

const parseIntOf: GlobalFunction = ([value, radix], frame) => {
  const text = toText(value, frame);
  frame.chargeText(text);
  return Number.parseInt(text, toOptionalNumber(radix, frame));
};

const parseFloatOf: GlobalFunction = ([value], frame) => {
  const text = toText(value, frame);
  frame.chargeText(text);
  return Number.parseFloat(text);
};

const FUNCTIONS: Readonly<Record<string, GlobalFunction>> = {
  Boolean: ([value]) => Boolean(value),
  Number: (args, frame) => (args.length === 0 ? 0 : toNumber(args[0], frame)),
  String: (args, frame) => (args.length === 0 ? '' : toText(args[0], frame)),
  encodeURIComponent: ([text], frame) => {
    const plain = toText(text, frame);
    frame.chargeText(plain);
    return frame.text(encodeURIComponent(plain));
  },
  isFinite: ofNumber(Number.isFinite),
  isNaN: ofNumber(Number.isNaN),
  parseFloat: parseFloatOf,
  parseInt: parseIntOf,
};

const MATH_OF_ONE = [
  ...['abs', 'acos', 'acosh', 'asin', 'asinh', 'atan', 'atanh', 'cbrt', 'ceil', 'clz32', 'cos', 'cosh', 'exp', 'expm1'],
  ...[
    'floor',
    'fround',
    'log',
    'log10',
    'log1p',
    'log2',
    'round',
    'sign',
    'sin',
    'sinh',
    'sqrt',
    'tan',
    'tanh',
    'trunc',
  ],
] as const satisfies readonly (keyof Math)[];

const NAMESPACES: Readonly<Record<string, Readonly<Record<string, GlobalFunction>>>> = {
  Array: { isArray: ([value]) => Array.isArray(value) },
  Date: {
    UTC: utcOf,
    now: (_args, frame) => frame.scope.nowMs,
    parse: ([text], frame) => makeDate([toText(text, frame)], frame).getTime(),
  },
  JSON: {
    parse: parsed,
    stringify: (args, frame) => {
      if (args.length > 1)
        throw new EvaluationError('JSON.stringify takes one value here, no replacer and no indentation');
      return jsonText(args[0], frame);
    },
  },
  Math: {
    ...Object.fromEntries(MATH_OF_ONE.map((name) => [name, ofNumber((value) => Math[name](value))])),
    atan2: ofNumbers((y = Number.NaN, x = Number.NaN) => Math.atan2(y, x)),
    hypot: ofNumbers(Math.hypot),
    imul: ofNumbers((left = 0, right = 0) => Math.imul(left, right)),
    max: ofNumbers(Math.max),
    min: ofNumbers(Math.min),
    pow: ofNumbers((base = Number.NaN, exponent = Number.NaN) => base ** exponent),
    random: (_args, frame) => frame.scope.random(),
  },
  Number: {
    isFinite: isNumberWith(Number.isFinite),
    isInteger: isNumberWith(Number.isInteger),
    isNaN: isNumberWith(Number.isNaN),
    isSafeInteger: isNumberWith(Number.isSafeInteger),
    parseFloat: parseFloatOf,
    parseInt: parseIntOf,
  },
  Object: {
    entries: ([value], frame) => {
      const keys = keysOf(value, frame);
      return keys.map((key) => [key, elementOf(value, key)]);
    },
    hasOwn: ([value, key], frame) => keysOf(value, frame).includes(toText(key, frame)),
    keys: ([value], frame) => keysOf(value, frame),
    values: ([value], frame) => keysOf(value, frame).map((key) => elementOf(value, key)),
  },
  String: {
    fromCharCode: (args, frame) => String.fromCharCode(...args.map((value) => toNumber(value, frame))),
  },
};

const MATH_CONSTANTS = ['E', 'LN10', 'LN2', 'LOG10E', 'LOG2E', 'PI', 'SQRT1_2', 'SQRT2'] as const;
const NUMBER_CONSTANTS = ['EPSILON', 'MAX_SAFE_INTEGER', 'MAX_VALUE', 'MIN_SAFE_INTEGER', 'MIN_VALUE'] as const;

const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ...MATH_CONSTANTS.map((name) => [`Math.${name}`, Math[name]] as const),
  ...NUMBER_CONSTANTS.map((name) => [`Number.${name}`, Number[name]] as const),
]);

/** `Math.PI` and the like; undefined when there is no such constant. */
export function constantOf(namespace: string, name: string): number | undefined {
  return CONSTANTS.get(`${namespace}.${name}`);
}

export function globalFunction(name: string): GlobalFunction | undefined {
  return Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
}

export function isNamespace(name: string): boolean {
  return Object.hasOwn(NAMESPACES, name);
}

export function namespaceFunction(namespace: string, name: string): GlobalFunction | undefined {
  const functions = isNamespace(namespace) ? NAMESPACES[namespace] : undefined;
  return functions !== undefined && Object.hasOwn(functions, name) ? functions[name] : undefined;
}

/** Names of the functions in a namespace, or of the global ones. */
export function namesIn(namespace: string | null): string[] {
  return Object.keys((namespace === null ? FUNCTIONS : NAMESPACES[namespace]) ?? {});
}
