import { fillValue, parametersNow } from '../../interpreter/evaluation.ts';
import { report } from '../../interpreter/step.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import { text, textList } from '../../parameters/text.ts';
import { defineAction } from '../action.ts';
import { abandonCollecting, armTimer, type Collecting, onCollectInput } from './collecting.ts';
import { finishKeysOf } from './finish-keys.ts';

const LONGEST_WAIT_MS = 3_600_000;

const parameters = {
  num_digits: integer({
    description: 'Ends at that many digits; 0 or not given: no number ends it.',
    default: 0,
    minimum: 0,
    maximum: 128,
  }),
  finish_on_key: textList({
    description:
      'Key that ends it and is no digit of the entry: `pound` or `#`, `star` or `*`, a digit; several as a list or as `#*`.',
  }),
  timeout: integer({
    description: 'Milliseconds to wait for the first and for every next digit, counted from the end of the prompt.',
    default: 5_000,
    minimum: 0,
    maximum: LONGEST_WAIT_MS,
  }),
  inter_digit_timeout: integer({
    description: 'Milliseconds to wait for the second and every later digit; `timeout` when not given.',
    default: null,
    minimum: 0,
    maximum: LONGEST_WAIT_MS,
  }),
};

const nameReader = text({ description: '', default: null });

type Arguments = { parameters: CompiledParameters; name: string | null; prompt: { from: number; to: number } | null };

export const collect = defineAction<Arguments, Collecting>({
  type: 'COLLECT',
  summary: 'Takes digits from the caller’s keypad.',
  description:
    'Runs the nested `actions` as a prompt; the first key cuts the prompt short. It ends with `num_digits` digits, with ' +
    'a finish key, or when no key comes for `timeout`. Then `$keyPresses` holds the digits and the next callback has an ' +
    'entry in `key_presses`, with empty `digits` when nothing was pressed. A finish key pressed late, after `num_digits` ' +
    'ended the COLLECT, is swallowed. Keys pressed while no COLLECT runs are ignored. Whatever ends a COLLECT early, a ' +
    'GOTO out of its prompt or the end of the call, there is an entry with the digits so far.',
  example: {
    type: 'COLLECT',
    name: 'rating',
    params: { num_digits: 1, finish_on_key: 'pound', timeout: 5000 },
    actions: [{ type: 'SAY', params: { text: 'Please press a key.' } }],
  },
  parameters,
  fields: { name: 'Name of the entry in `key_presses`; null when not given.', actions: 'The prompt; may be left out.' },
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    const keys = compiled.fixed.finish_on_key;
    if (Array.isArray(keys)) {
      for (const word of finishKeysOf(keys.map(String)).unknown)
        compiler.warn(`params.finish_on_key: "${word}" is no key`);
    }
    const name = nameReader.read(Object.hasOwn(entry, 'name') ? (entry.name ?? null) : null);
    if (name.verdict !== 'as_written') compiler.warn(`name ${name.message}`);
    const instruction = compiler.emit<Arguments>({ parameters: compiled, name: name.value, prompt: null });
    if (!Object.hasOwn(entry, 'actions')) return;
    const from = compiler.here();
    compiler.list('actions', 'region');
    const to = compiler.here() - 1;
    if (to > from) instruction.args = { parameters: compiled, name: name.value, prompt: { from, to } };
    instruction.next = compiler.here();
  },
  behaviour: {
    needsMedia: true,
    isOneWithItsList: true,
    start(step, instruction) {
      const { name, prompt } = instruction.args;
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      const finish = finishKeysOf(written.finish_on_key);
      const filledName = name === null ? null : fillValue(step, name);
      const collecting: Collecting = {
        name: filledName === null ? null : String(filledName),
        digits: '',
        numDigits:
          written.num_digits === 0 ? step.limits.maxDigits : Math.min(written.num_digits, step.limits.maxDigits),
        finishKeys: finish.keys,
        timeoutMs: written.timeout,
        interDigitTimeoutMs: written.inter_digit_timeout ?? written.timeout,
        timerId: null,
      };
      for (const word of finish.unknown)
        report(step, 'warning', instruction, `params.finish_on_key: "${word}" is no key`);
      if (prompt !== null) return { kind: 'enter', from: prompt.from, to: prompt.to, wait: collecting };
      return { kind: 'wait', wait: armTimer(step, collecting, collecting.timeoutMs) };
    },
    onInput: onCollectInput,
    onListEnded(step, _instruction, collecting) {
      return { kind: 'wait', wait: armTimer(step, collecting, collecting.timeoutMs) };
    },
    abandon: abandonCollecting,
  },
});
