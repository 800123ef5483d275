import { compileExpression } from '../../expression/expression.ts';
import { evaluateText, fillValue, isLooselyEqual } from '../../interpreter/evaluation.ts';
import { report, reportError } from '../../interpreter/step.ts';
import type { Json, JsonObject } from '../../io.ts';
import { isJsonObject, kindOf, toStorable } from '../../json-value.ts';
import { didYouMean } from '../../nearest-name.ts';
import { compileParameters } from '../../parameters/compile.ts';
import type { Instruction } from '../../program/program.ts';
import { isComment, REMARKS } from '../../remarks.ts';
import { type ActionCompiler, defineAction, type Outcome } from '../action.ts';

/** Characters of an expression or value in the timeline. */
const LONGEST_SHOWN = 200;

/** Comparisons that cost as much as one instruction. */
const COMPARISONS_PER_STEP = 16;

/** Values to compare with, and the instruction that follows when one is equal. */
type Case = { name: string; when: Json[]; to: number };
type Arguments = { value: string; cases: Case[]; otherwise: number };

export const switchAction = defineAction<Arguments, null>({
  type: 'SWITCH',
  summary: 'Chooses among several lists of actions.',
  description:
    'Compares `value`, an expression as in IF, with each `when` in turn, as `==` does (`"1"` equals `1`), and runs the ' +
    '`then` of the first that is equal, else `orElse`; then it goes on after the SWITCH. `when` is a value or a list of ' +
    'them; texts in it may hold variables. A value that cannot be computed is reported, and `orElse` runs.',
  example: {
    type: 'SWITCH',
    value: '$keyPresses',
    cases: [
      { when: '1', then: [{ type: 'SAY', params: { text: 'Sales.' } }] },
      { when: ['2', '3'], then: [{ type: 'SAY', params: { text: 'Support.' } }] },
    ],
    orElse: [{ type: 'SAY', params: { text: 'That is no choice.' } }],
  },
  parameters: {},
  fields: {
    value: 'The expression.',
    cases: 'List of `{ "when": value or list, "then": [actions] }`.',
    orElse: 'List of actions when no case is equal; may be left out.',
    default: 'The same as `orElse`.',
  },
  needs: ['value', 'cases'],
  shapes: {
    value: { type: ['string', 'number', 'boolean'] },
    cases: {
      type: 'array',
      items: {
        type: 'object',
        required: ['when'],
        properties: { when: {}, then: { $ref: '#/$defs/list' } },
        patternProperties: REMARKS,
        additionalProperties: false,
      },
    },
  },
  compile(entry, compiler) {
    compileParameters({}, entry.params, compiler.warn);
    const value = valueText(entry, compiler);
    const test = compiler.emit<Arguments>({ value, cases: [], otherwise: 0 });
    const exits: Instruction[] = [];
    const cases: Case[] = [];
    for (const [index, written] of writtenCases(entry, compiler).entries()) {
      const name = `cases[${index}]`;
      if (!isJsonObject(written) || !Object.hasOwn(written, 'when')) {
        const what = isJsonObject(written) ? 'has no "when"' : `is ${kindOf(written)}; an object is expected`;
        compiler.warn(`${name} ${what}; it is left out`);
        continue;
      }
      warnOfUnknownKeys(written, name, compiler);
      const when = written.when ?? null;
      cases.push({ name, when: Array.isArray(when) ? when : [when], to: compiler.here() });
      compiler.list('then', 'branch', { entry: written, path: `${compiler.path}.${name}` });
      exits.push(compiler.emit(null, { path: compiler.path, op: 'JUMP' }));
    }
    test.args = { value, cases, otherwise: compiler.here() };
    if (Object.hasOwn(entry, 'orElse')) compiler.list('orElse', 'branch');
    else if (Object.hasOwn(entry, 'default')) compiler.list('default', 'branch');
    if (Object.hasOwn(entry, 'orElse') && Object.hasOwn(entry, 'default')) {
      compiler.warn('"orElse" and "default" are the same; "default" is left out');
    }
    for (const exit of exits) exit.next = compiler.here();
  },
  forMessages: true,
  forCallees: true,
  behaviour: {
    needsMedia: false,
    start(step, instruction): Outcome<null> {
      const { value: text, cases, otherwise } = instruction.args;
      const evaluated = evaluateText(step, text);
      const shown = text.slice(0, LONGEST_SHOWN);
      if (!evaluated.ok) {
        reportError(step, instruction, `the value cannot be computed: ${evaluated.message}`, { value: shown });
        return { kind: 'jump', to: otherwise };
      }
      const { value } = evaluated;
      let compared = 0;
      const chosen = cases.find(({ when }) =>
        when.some((one) => {
          compared += 1;
          return isLooselyEqual(step, value, fillValue(step, one));
        }),
      );
      step.call.stepsWithoutWait += Math.floor(compared / COMPARISONS_PER_STEP);
      const branch = chosen === undefined ? 'orElse' : `${chosen.name}.then`;
      const result = (JSON.stringify(toStorable(value)) ?? 'undefined').slice(0, LONGEST_SHOWN);
      report(step, 'branch_taken', instruction, `${shown} is ${result}: ${branch}`, { value: shown, result, branch });
      return { kind: 'jump', to: chosen?.to ?? otherwise };
    },
  },
});

function valueText(entry: JsonObject, compiler: ActionCompiler): string {
  const written = Object.hasOwn(entry, 'value') ? (entry.value ?? null) : null;
  if (typeof written === 'number' || typeof written === 'boolean') {
    compiler.warn(`value is ${kindOf(written)}, taken as the expression "${written}"`);
    return String(written);
  }
  if (typeof written !== 'string') {
    compiler.warn(written === null ? 'value is missing' : `value is ${kindOf(written)}; an expression is expected`);
    return 'undefined';
  }
  const compiled = compileExpression(written);
  if (!compiled.ok) compiler.warn(`the value cannot be computed: ${compiled.message} (column ${compiled.column})`);
  return written;
}

const CASE_KEYS = ['when', 'then'];

function warnOfUnknownKeys(written: JsonObject, name: string, compiler: ActionCompiler): void {
  for (const key of Object.keys(written)) {
    if (CASE_KEYS.includes(key) || isComment(key)) continue;
    compiler.warn(() => `${name} has no key "${key.slice(0, 60)}"${didYouMean(key, CASE_KEYS)}`);
  }
}

function writtenCases(entry: JsonObject, compiler: ActionCompiler): readonly Json[] {
  const cases = Object.hasOwn(entry, 'cases') ? (entry.cases ?? null) : null;
  if (Array.isArray(cases)) return cases;
  if (cases === null) {
    compiler.warn('cases is missing');
    return [];
  }
  if (isJsonObject(cases) && Object.hasOwn(cases, 'when')) {
    compiler.warn('cases is a single case; it is taken as a list of one');
    return [cases];
  }
  compiler.warn(`cases is ${kindOf(cases)}; a list of { "when", "then" } is expected`);
  return [];
}
