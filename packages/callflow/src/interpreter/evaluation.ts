import { compileExpression, type Evaluated, type Expression, evaluate } from '../expression/expression.ts';
import type { Json, JsonObject } from '../io.ts';
import { type CompiledParameters, parameterValues } from '../parameters/compile.ts';
import type { ParameterSchema, ParameterValues } from '../parameters/parameter.ts';
import { fillJson, fillTemplate } from '../template/template.ts';
import { nextRandom } from './random.ts';
import { lookupName, lookupPath } from './scope.ts';
import { report, type Spot, type Step } from './step.ts';

/** A failed evaluation may have spent all an expression may cost; a loop over it must end sooner than others. */
const STEPS_OF_A_FAILURE = 50;

/** Runs an expression on the call's variables, at the input's time, with the call's own random numbers. */
export function evaluateText(step: Step, text: string): Evaluated {
  const compiled = compileExpression(text);
  if (!compiled.ok) return { ok: false, message: `${compiled.message} (column ${compiled.column})` };
  return evaluateIn(step, compiled.expression, (name) => lookupName(step.call, name, step.strand));
}

const EQUALITY = compileExpression('$left == $right');

/** The `==` of the conditions. */
export function isLooselyEqual(step: Step, left: unknown, right: unknown): boolean {
  if (!EQUALITY.ok) return false;
  const evaluated = evaluateIn(step, EQUALITY.expression, (name) => (name === 'left' ? left : right));
  return evaluated.ok && evaluated.value === true;
}

function evaluateIn(step: Step, expression: Expression, lookup: (name: string) => unknown): Evaluated {
  const { call } = step;
  const scope = { lookup, nowMs: call.nowMs, random: () => nextRandom(call) };
  const evaluated = evaluate(expression, scope, { maxSteps: step.limits.maxExpressionSteps });
  if (!evaluated.ok) call.stepsWithoutWait += STEPS_OF_A_FAILURE;
  return evaluated;
}

/** Fills templates and references of a JSON value with the call's variables. */
export function fillValue(step: Step, value: Json): Json {
  return fillJson(value, (path) => lookupPath(step.call, path, step.strand));
}

/** Fills the templates of a text, up to a length. */
export function fillText(step: Step, text: string, maxLength: number): string {
  return fillTemplate(text, (path) => lookupPath(step.call, path, step.strand), { maxLength });
}

/** An object written in the document, its members filled. */
export function fillMembers(step: Step, value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fillValue(step, member)]));
}

/** The values of an action's parameters at this moment. */
export function parametersNow<Schema extends ParameterSchema>(
  step: Step,
  spot: Spot,
  schema: Schema,
  compiled: CompiledParameters,
): ParameterValues<Schema> {
  return parameterValues(
    schema,
    compiled,
    (value) => fillValue(step, value),
    (message) => report(step, 'warning', spot, message),
  );
}
