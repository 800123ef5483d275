import { fillValue, parametersNow } from '../../interpreter/evaluation.ts';
import type { EventRange } from '../../interpreter/events.ts';
import { boolean } from '../../parameters/boolean.ts';
import { choices } from '../../parameters/choices.ts';
import { type CompiledParameters, compileParameters } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import { text, textList } from '../../parameters/text.ts';
import { defineAction } from '../action.ts';
import { CALLER_INPUTS, END_SILENCE_MS } from '../caller-input.ts';
import { compileRegion } from '../events/events.ts';
import { abandonCollecting, afterPrompt, begin, type Collecting, onCollectInput } from './collecting.ts';
import { DIGIT_PATTERN } from './digit-pattern.ts';
import { compileEntryName } from './entry-name.ts';
import { checkFinishKeys, FINISH_KEYS, finishKeysNow } from './finish-keys.ts';
import { checkPatterns, patternsNow } from './given-patterns.ts';
import { hearingOf } from './hearing.ts';
import { usableHints } from './hints.ts';

const LONGEST_WAIT_MS = 3_600_000;
const VALID = { name: 'valid', noneLeft: 'no digits are what is asked for', isNone: 'is no pattern' };

const parameters = {
  input: choices({
    description: 'What the caller answers with: keys, words, or whichever comes first.',
    options: CALLER_INPUTS,
    default: ['digits'],
  }),
  hints: textList({
    description:
      'Words and phrases that are likely to be said. What is said is written as the hint it is, whatever the letter case; ' +
      'something else may be said too, but some recognisers understand nothing else then.',
  }),
  language: text({
    description: 'Language that is spoken, as in `en-US`; that of the speech recognition when not given.',
    default: null,
    blankIsNone: true,
  }),
  speech_end_silence: integer({
    description: 'Milliseconds of silence after which what the caller says is over.',
    default: END_SILENCE_MS,
    minimum: 100,
    maximum: 10_000,
  }),
  num_digits: integer({
    description: 'Ends at that many digits; 0 or not given: no number ends it.',
    default: 0,
    minimum: 0,
    maximum: 128,
  }),
  finish_on_key: textList({
    description:
      'Key that ends it and is no digit of the entry: `pound` or `#`, `star` or `*`, a digit; several as a list or as `#*`.',
    form: FINISH_KEYS,
  }),
  timeout: integer({
    description:
      'Milliseconds to wait for the first and for every next digit, or for the caller to speak, counted from the end of the prompt.',
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
  min_digits: integer({
    description: 'Fewer digits are not what is asked for; one, when there are `retries` and nothing else is said.',
    default: null,
    minimum: 0,
    maximum: 128,
  }),
  valid: textList({
    description:
      'What digits are asked for, as patterns: `x` is any digit, `[1-3]` one of those, each key itself. `["[1-3]", "9xx"]` takes 1, 2, 3 and 900 to 999. ' +
      'Not given: any digits. Given and empty, as from a variable without a value: no digits are.',
    form: DIGIT_PATTERN,
  }),
  retries: integer({
    description: 'How many times it asks again for what is not what is asked for, or not understood.',
    default: 0,
    minimum: 0,
    maximum: 100,
  }),
  barge_in: choices({
    description:
      'What cuts the prompt short: a key (`digits`), the caller’s voice (`speech`), or both, which is `true`. Without it ' +
      'what is said during the prompt is not heard, and keys pressed during the prompt are ignored, or with `type_ahead` kept for its end.',
    options: CALLER_INPUTS,
    default: CALLER_INPUTS,
    whenTrue: CALLER_INPUTS,
  }),
  type_ahead: boolean({
    description: 'Keys count that were pressed since the last COLLECT, before this one began; then there is no prompt.',
    default: false,
  }),
};

type Arguments = {
  parameters: CompiledParameters;
  /** A `valid` is written. */
  asksForPatterns: boolean;
  name: string | null;
  prompt: EventRange | null;
  retryPrompt: EventRange | null;
};

export const collect = defineAction<Arguments, Collecting>({
  type: 'COLLECT',
  summary: 'Takes digits from the caller’s keypad, or words.',
  description:
    'Runs the nested `actions` as a prompt; the first key cuts the prompt short. It ends with `num_digits` digits, with ' +
    'a finish key, or when no key comes for `timeout`. Then `$keyPresses` holds the digits and the next callback has an ' +
    'entry in `key_presses`, with empty `digits` when nothing was pressed. A finish key pressed late, after `num_digits` ' +
    'ended the COLLECT, is swallowed. Keys pressed while no COLLECT runs are ignored, but for `type_ahead`. With `valid` or ' +
    '`min_digits` it may ask again, `retries` times; `$collectValid` is then whether it got what it asked for, and there is ' +
    'one entry, of the last attempt. Whatever ends a COLLECT early, a ' +
    'GOTO out of its prompt or the end of the call, there is an entry with the digits so far.\n\n' +
    'With `speech` in its `input` it ends with the first thing the caller says: `$speech` is the text, in lower case and ' +
    'without punctuation or as the hint it is, `$speechConfidence` how certain that is (0 to 1, or null), and the entry in ' +
    '`key_presses` has `speech` too. Something said that is not understood is the empty text, and not what is asked for: it ' +
    'asks again while there are `retries`; `valid` and `min_digits` are about digits alone. When the caller begins to speak ' +
    'no `timeout` runs. Keys end the listening; from the first on they alone count. Where speech recognition is not to be had ' +
    'an error is in the timeline, and the COLLECT goes on with keys or, when none are asked for, ends at once as if nothing had been said. ' +
    'One COLLECT is listened for at a time: one in the list of an event comes before the flow that it runs beside, which is ' +
    'listened for again afterwards.',
  example: {
    type: 'COLLECT',
    name: 'rating',
    params: { num_digits: 1, finish_on_key: 'pound', timeout: 5000 },
    actions: [{ type: 'SAY', params: { text: 'Please press a key.' } }],
  },
  parameters,
  fields: {
    name: 'Name of the entry in `key_presses`; null when not given.',
    actions: 'The prompt; may be left out.',
    retry_actions: 'The prompt before it asks again; that of `actions` when not given.',
  },
  forCallees: true,
  shapes: { name: { type: ['string', 'null'] } },
  compile(entry, compiler) {
    const compiled = compileParameters(parameters, entry.params, compiler.warn);
    checkFinishKeys(compiled, compiler.warn);
    const name = compileEntryName(entry, compiler.warn);
    const { min_digits: least, num_digits: most } = compiled.fixed;
    if (typeof least === 'number' && typeof most === 'number' && most > 0 && least > most)
      compiler.warn(
        `params.min_digits is ${least}, and num_digits ends it at ${most}: nothing is ever what is asked for`,
      );
    const asksForPatterns = checkPatterns(VALID, entry.params, compiled, compiler.warn);
    const args: Arguments = { parameters: compiled, asksForPatterns, name, prompt: null, retryPrompt: null };
    const instruction = compiler.emit(args);
    const prompt = compileRegion(entry, compiler, 'actions');
    const retryPrompt = Object.hasOwn(entry, 'retry_actions')
      ? compileRegion(entry, compiler, 'retry_actions')
      : prompt;
    instruction.args = { ...args, prompt, retryPrompt };
    instruction.next = compiler.here();
  },
  behaviour: {
    needsMedia: true,
    isOneWithItsList: true,
    start(step, instruction) {
      const { asksForPatterns, name, prompt, retryPrompt } = instruction.args;
      const written = parametersNow(step, instruction, parameters, instruction.args.parameters);
      const filledName = name === null ? null : fillValue(step, name);
      const takesSpeech = written.input.includes('speech');
      const hints = takesSpeech ? usableHints(step, instruction, written.hints) : [];
      const { language, speech_end_silence: endSilenceMs } = written;
      const finishKeys = finishKeysNow(step, instruction, written.finish_on_key);
      const collecting: Collecting = {
        name: filledName === null ? null : String(filledName),
        digits: '',
        takesDigits: written.input.includes('digits'),
        minDigits: written.min_digits ?? (written.retries > 0 ? 1 : 0),
        numDigits:
          written.num_digits === 0 ? step.limits.maxDigits : Math.min(written.num_digits, step.limits.maxDigits),
        finishKeys,
        timeoutMs: written.timeout,
        interDigitTimeoutMs: written.inter_digit_timeout ?? written.timeout,
        bargeIn: written.barge_in,
        typeAhead: written.type_ahead,
        valid: asksForPatterns ? patternsNow(step, instruction, VALID, written.valid) : null,
        hearing: takesSpeech ? hearingOf({ hints, language, endSilenceMs }) : null,
        retriesLeft: written.retries,
        retryPrompt,
        timerId: null,
      };
      return begin(step, instruction, collecting, prompt);
    },
    onInput: onCollectInput,
    onListEnded: afterPrompt,
    abandon: abandonCollecting,
  },
});
