import { compileExpression } from '../../expression/expression.ts';
import { evaluateText, fillValue } from '../../interpreter/evaluation.ts';
import { report, reportError } from '../../interpreter/step.ts';
import { setVariable } from '../../interpreter/variables.ts';
import type { Json, JsonObject } from '../../io.ts';
import { toStorable } from '../../json-value.ts';
import { typedReference } from '../../template/template.ts';
import { CONTINUE, defineAction } from '../action.ts';

/** Characters of a variable's name, its path included. */
const LONGEST_NAME = 200;

/** One variable: `expression` when a text was written, else `literal`. */
type Arguments = { target: string[]; expression: string | null; literal: Json };

/** The op of assignments; no action type can be equal to it. */
export const ASSIGNMENT = '$';

export const assignment = defineAction<Arguments, null>({
  type: ASSIGNMENT,
  summary: 'Sets variables.',
  description:
    'An entry without `type` whose keys begin with `$`. Each value is a JavaScript expression given as a text; keys are ' +
    'handled in order and later ones may use earlier ones. `$sessionData.name` writes into the session data. A value ' +
    'that is no text is taken as it is. An expression that fails is reported and leaves the variable as it was.',
  example: { $count: '$count + 1', '$sessionData.caller': '$callerNo' },
  parameters: {},
  fields: {},
  compile(entry, compiler) {
    for (const [key, value] of Object.entries(entry)) {
      if (!key.startsWith('$')) continue;
      const target = key.length <= LONGEST_NAME ? typedReference(key) : null;
      if (target === null) {
        compiler.warn(`"${key.slice(0, 60)}" is no variable name; it is not set`);
        continue;
      }
      const expression = typeof value === 'string' ? value : null;
      if (expression !== null) {
        const compiled = compileExpression(expression);
        if (!compiled.ok) compiler.warn(`${key}: ${compiled.message} (column ${compiled.column})`);
      }
      const literal = expression === null ? (value ?? null) : null;
      compiler.emit<Arguments>({ target, expression, literal }, { path: `${compiler.path}.${key}`, op: ASSIGNMENT });
    }
  },
  forMessages: true,
  forCallees: true,
  behaviour: {
    needsMedia: false,
    start(step, instruction) {
      const { target, expression, literal } = instruction.args;
      if (expression === null) {
        setVariable(step, instruction, target, fillValue(step, literal));
        return CONTINUE;
      }
      const evaluated = evaluateText(step, expression);
      if (!evaluated.ok) {
        const name = `$${target.join('.')}`;
        reportError(step, instruction, `${name} stays as it was: ${evaluated.message}`, {
          expression: expression.slice(0, 500),
        });
        return CONTINUE;
      }
      if (typeof evaluated.value === 'number' && !Number.isFinite(evaluated.value)) {
        report(step, 'warning', instruction, `$${target.join('.')} would be ${evaluated.value}; it has no value now`);
      }
      setVariable(step, instruction, target, toStorable(evaluated.value));
      return CONTINUE;
    },
  },
});

/** True for an entry without `type` that has at least one key beginning with `$`. */
export function isAssignment(entry: JsonObject): boolean {
  return !Object.hasOwn(entry, 'type') && Object.keys(entry).some((key) => key.startsWith('$'));
}
