import { compileExpression } from '../../expression/expression.ts';
import { evaluateText } from '../../interpreter/evaluation.ts';
import { report, reportError } from '../../interpreter/step.ts';
import type { Json, JsonObject } from '../../io.ts';
import { compileParameters } from '../../parameters/compile.ts';
import { type ActionCompiler, CONTINUE, defineAction } from '../action.ts';

/** Characters of a condition in the timeline. */
const LONGEST_SHOWN = 500;

type Arguments = { condition: string; otherwise: number };

export const ifAction = defineAction<Arguments, null>({
  type: 'IF',
  summary: 'Chooses between two lists of actions.',
  description:
    'Runs `then` when the condition is true, `orElse` when not, and goes on after the IF unless the branch jumped or ' +
    'hung up. Conditions are JavaScript expressions over variables that begin with `$`. A condition that cannot be ' +
    'evaluated is reported and counts as false.',
  example: {
    type: 'IF',
    condition: "$keyPresses == '1'",
    then: [{ type: 'SAY', params: { text: 'You pressed one.' } }],
    orElse: [{ type: 'HANGUP' }],
  },
  parameters: {},
  fields: {
    condition: 'The expression.',
    then: 'List of actions for a true condition.',
    orElse: 'List of actions for a false one; may be left out.',
  },
  needs: ['condition'],
  shapes: { condition: { type: 'string' } },
  compile(entry, compiler) {
    compileParameters({}, entry.params, compiler.warn);
    const condition = conditionText(entry, compiler);
    const test = compiler.emit<Arguments>({ condition, otherwise: 0 });
    compiler.list('then', 'branch');
    if (Object.hasOwn(entry, 'orElse')) {
      const over = compiler.emit(null, { path: compiler.path, op: 'JUMP' });
      test.args = { condition, otherwise: compiler.here() };
      compiler.list('orElse', 'branch');
      over.next = compiler.here();
    } else {
      test.args = { condition, otherwise: compiler.here() };
    }
  },
  forMessages: true,
  forCallees: true,
  behaviour: {
    needsMedia: false,
    start(step, instruction) {
      const { otherwise } = instruction.args;
      const condition = instruction.args.condition.slice(0, LONGEST_SHOWN);
      const evaluated = evaluateText(step, instruction.args.condition);
      if (!evaluated.ok)
        reportError(step, instruction, `the condition counts as false: ${evaluated.message}`, { condition });
      const result = evaluated.ok && Boolean(evaluated.value);
      report(step, 'branch_taken', instruction, `${condition} is ${result}`, {
        condition,
        result,
        branch: result ? 'then' : 'orElse',
      });
      return result ? CONTINUE : { kind: 'jump', to: otherwise };
    },
  },
});

function conditionText(entry: JsonObject, compiler: ActionCompiler): string {
  const written: Json | undefined = Object.hasOwn(entry, 'condition') ? entry.condition : undefined;
  if (written === undefined || written === null) {
    compiler.warn('condition is missing; it counts as false');
    return 'false';
  }
  if (typeof written === 'boolean' || typeof written === 'number') {
    compiler.warn(`condition is a ${typeof written}, taken as the expression "${written}"`);
    return String(written);
  }
  if (typeof written !== 'string') {
    compiler.warn('condition is no text; it counts as false');
    return 'false';
  }
  const compiled = compileExpression(written);
  if (!compiled.ok) compiler.warn(`the condition counts as false: ${compiled.message} (column ${compiled.column})`);
  return written;
}
