import { compile } from './compile.ts';
import { copyOut } from './copy-out.ts';
import {
  type Code,
  DEFAULT_EXPRESSION_LIMITS,
  EvaluationError,
  type ExpressionLimits,
  type ExpressionScope,
  Frame,
} from './frame.ts';
import { LruCache } from './lru-cache.ts';
import { ExpressionRefused, parse } from './parse.ts';

export type { ExpressionLimits, ExpressionScope } from './frame.ts';

/** A compiled expression; keep it and {@link evaluate} it as often as needed. It holds no state. */
export interface Expression {
  readonly text: string;
  /** See {@link variablesOf}. */
  readonly variables: readonly (readonly string[])[];
  readonly code: Code;
}

/** `column` counts from 1; `message` says what is not taken and what to write instead. */
export type Compiled = { ok: true; expression: Expression } | { ok: false; message: string; column: number };

/** `value` is a JSON value (dates as epoch milliseconds) or undefined; a number may be NaN or infinite. */
export type Evaluated = { ok: true; value: unknown } | { ok: false; message: string };

const KEPT_EXPRESSIONS = 2_000;
const kept = new LruCache<Compiled>(KEPT_EXPRESSIONS);

/**
 * Compiles a condition or an assignment's value: a JavaScript expression (sloppy mode) over variables named `$…`. Taken are
 * literals, template literals, arrays, objects, spread, members and `?.`, all operators but those that assign, `delete`,
 * `void` and `instanceof`, `new Date()`, and the methods and functions listed in `*-methods.ts` and `globals.ts`; arrow
 * functions with one expression may be given to the methods of arrays. Never throws. The results of the texts used last
 * are kept.
 */
export function compileExpression(text: string): Compiled {
  return kept.getOrMake(text, compileAnew);
}

function compileAnew(text: string): Compiled {
  try {
    const { code, variables } = compile(parse(text));
    return { ok: true, expression: { text, code, variables } };
  } catch (error) {
    if (error instanceof ExpressionRefused) return { ok: false, message: error.message, column: error.column };
    throw error;
  }
}

/**
 * Runs an expression. JavaScript's rules of coercion hold, with these differences: reading a property of undefined or
 * null gives undefined; methods that change an array (`sort`, `reverse`) give a changed copy; local methods of Date work
 * in `scope.timeZone`. Never throws: a fault of the expression, of the scope's functions included, is the message.
 */
export function evaluate(
  expression: Expression,
  scope: ExpressionScope,
  limits: Partial<ExpressionLimits> = DEFAULT_EXPRESSION_LIMITS,
): Evaluated {
  try {
    const full =
      limits === DEFAULT_EXPRESSION_LIMITS ? DEFAULT_EXPRESSION_LIMITS : { ...DEFAULT_EXPRESSION_LIMITS, ...limits };
    const frame = new Frame(scope, full);
    const value = expression.code(frame);
    return { ok: true, value: typeof value === 'object' && value !== null ? copyOut(value, frame) : value };
  } catch (error) {
    return { ok: false, message: faultText(error) };
  }
}

function faultText(error: unknown): string {
  if (error instanceof EvaluationError) return error.message;
  if (error instanceof RangeError && error.message.startsWith('Maximum call stack'))
    return 'the data is nested too deeply';
  return error instanceof Error ? error.message : 'the expression failed';
}

/** The paths of the variables an expression reads, without the `$`: `$sessionData.age > $n` gives `[['sessionData', 'age'], ['n']]`. */
export function variablesOf(expression: Expression): string[][] {
  return expression.variables.map((path) => [...path]);
}
