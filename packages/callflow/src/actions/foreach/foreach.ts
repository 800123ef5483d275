import { parametersNow } from '../../interpreter/evaluation.ts';
import { report, type Step } from '../../interpreter/step.ts';
import { isTooLong, measure } from '../../interpreter/variables.ts';
import type { Json, JsonObject } from '../../io.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { values } from '../../parameters/values.ts';
import { CONTINUE, defineAction, type InstructionOf, type Outcome } from '../action.ts';

const parameters = {
  iterator: values({
    description:
      'What to go over: `$name` of a list, a list, or an object, whose values are taken in the order written.',
    required: true,
  }),
};

type Arguments = { parameters: CompiledParameters; from: number; to: number };
/** `keys` only when an object is gone over. */
type Going = { elements: Json[]; keys: string[] | null; index: number };

export const foreach = defineAction<Arguments, Going>({
  type: 'FOREACH',
  summary: 'Runs a list of actions once for each element of a list.',
  description:
    'In `then`, `$val` is the element and `$index` its number from 0; of an object `$val` is the value and `$key` its name. ' +
    'They hide variables of the same names until the loop is over; a FOREACH inside has its own. The elements are those ' +
    'there were at the start. A value that is neither list nor object is a list of one. GOTO may leave the loop but not ' +
    'enter it; a loop that neither plays nor waits is bounded like any other.',
  example: {
    type: 'FOREACH',
    params: { iterator: '$sessionData.names' },
    then: [{ type: 'SAY', params: { text: 'Number ${index} is ${val}.' } }],
  },
  parameters,
  fields: { then: 'List of actions for each element.' },
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    const instruction = compiler.emit<Arguments>({ parameters: compiled, from: 0, to: 0 });
    const from = compiler.here();
    compiler.list('then', 'region');
    instruction.args = { parameters: compiled, from, to: compiler.here() - 1 };
    instruction.next = compiler.here();
  },
  forMessages: true,
  forCallees: true,
  behaviour: {
    needsMedia: false,
    start(step, instruction) {
      const { iterator } = parametersNow(step, instruction, parameters, instruction.args.parameters);
      if (isTooLong(step, instruction, 'params.iterator', measure(step, iterator))) return CONTINUE;
      const isList = Array.isArray(iterator);
      const keys = isList ? null : Object.keys(iterator);
      return round(step, instruction, { elements: isList ? iterator : Object.values(iterator), keys, index: 0 });
    },
    onListEnded(step, instruction, going) {
      step.call.lastLoopPath = instruction.path;
      return round(step, instruction, { ...going, index: going.index + 1 });
    },
  },
});

function round(step: Step, instruction: InstructionOf<Arguments>, going: Going): Outcome<Going> {
  const { elements, keys, index } = going;
  const count = elements.length;
  if (index >= count) {
    if (count === 0) report(step, 'branch_taken', instruction, 'there is no element to go over', { count });
    return CONTINUE;
  }
  const key = keys?.[index];
  const name = key === undefined ? '' : ` (${key.slice(0, 60)})`;
  report(step, 'branch_taken', instruction, `element ${index + 1} of ${count}${name}`, { index, count });
  const locals: JsonObject = { val: elements[index] ?? null, index };
  if (key !== undefined) locals.key = key;
  return { kind: 'enter', from: instruction.args.from, to: instruction.args.to, wait: going, locals };
}
