import type { EventRange } from '../../interpreter/events.ts';
import type { Spot, Step } from '../../interpreter/step.ts';
import type { Json, JsonObject } from '../../io.ts';
import { isJsonObject } from '../../json-value.ts';
import type { CompiledParameters } from '../../parameters/compile.ts';
import { integer } from '../../parameters/integer.ts';
import { textList } from '../../parameters/text.ts';
import type { ActionCompiler } from '../action.ts';
import { DIGIT_PATTERN } from '../collect/digit-pattern.ts';
import { checkPatterns, isWritten, patternsNow } from '../collect/given-patterns.ts';
import { compileRegion } from '../events/events.ts';
import type { Screening } from './screening.ts';

const MS_PER_SECOND = 1_000;
const CONFIRM_KEY = {
  name: 'confirm_key',
  noneLeft: 'no key takes the call',
  isNone: 'is no key and no pattern of keys',
};

/** How whoever is rung takes the call: the parameters of every action that asks first. */
export const screeningParameters = {
  confirm_key: textList({
    description:
      'Key that a callee must press in `confirm` to take the call; several as a list, patterns as in `valid` of COLLECT. ' +
      'Not given: whatever its COLLECT takes. Given and empty, as from a variable without a value: no key takes it.',
    form: DIGIT_PATTERN,
  }),
  confirm_speech: textList({
    description:
      'What a callee may say in `confirm` to take the call, where its COLLECT takes speech: `yes`; several as a list, whatever the ' +
      'letter case. Not given: nothing that is said takes it, so that the greeting of a voicemail does not.',
  }),
  confirm_timeout: integer({
    description: 'Seconds that a callee has from its answer on for `whisper` and `confirm`; then it is hung up.',
    default: 30,
    minimum: 1,
    maximum: 600,
  }),
};

/** The lists themselves, beside `params`. */
export const screeningFields = {
  whisper: 'Actions that a callee hears before it is connected.',
  confirm: 'Actions with a COLLECT, by which a callee takes the call.',
};

/** What the documentation of every action that asks first says of it. */
export const HOW_CALLEES_ARE_ASKED =
  'With `whisper` or `confirm` whoever answers is not connected at once: it alone hears the actions of these lists, while the ' +
  'caller goes on hearing what it hears. After `whisper` it is connected, after `confirm` only when it has pressed the key, or ' +
  'said the word, that is asked for in a COLLECT of the list; HANGUP in either list declines. In these lists `$transferNo` is the ' +
  'callee and `$keyPresses`, `$speech` and `$collectValid` are its own, which callbacks do not tell of; the actions that run ' +
  'there, those of a flow that RUN names included, are marked “also for callees”, others are left out.';

/** Where the lists stand in the program; null: there is nothing to run. `asksForKey`: a `confirm_key` is written. */
export type ScreeningRanges = { whisper: EventRange | null; confirm: EventRange | null; asksForKey: boolean };

export const NOBODY_ASKED: ScreeningRanges = { whisper: null, confirm: null, asksForKey: false };

export function compileScreening(
  entry: JsonObject,
  compiler: ActionCompiler,
  compiled: CompiledParameters,
): ScreeningRanges {
  const whisper = compileRegion(entry, compiler, 'whisper');
  const confirm = compileRegion(entry, compiler, 'confirm');
  if (confirm !== null && !asks(entry.confirm ?? null))
    compiler.warn('confirm has no COLLECT; whoever answers cannot take the call');
  for (const name of ['confirm_key', 'confirm_speech']) {
    if (confirm === null && isWritten(entry.params, name))
      compiler.warn(`params.${name} is of no use without confirm; whoever answers is connected`);
  }
  return { whisper, confirm, asksForKey: checkPatterns(CONFIRM_KEY, entry.params, compiled, compiler.warn) };
}

/** What callees are asked by, as the call has it now; null: they are connected at once. What is no key is reported. */
export function screeningNow(
  step: Step,
  spot: Spot,
  { whisper, confirm, asksForKey }: ScreeningRanges,
  written: { confirm_key: string[]; confirm_speech: string[]; confirm_timeout: number },
): Screening | null {
  if (whisper === null && confirm === null) return null;
  const needsKey = asksForKey && confirm !== null;
  return {
    whisper,
    confirm,
    confirmKeys: needsKey ? patternsNow(step, spot, CONFIRM_KEY, written.confirm_key) : null,
    confirmWords: written.confirm_speech,
    timeoutMs: written.confirm_timeout * MS_PER_SECOND,
  };
}

/** A COLLECT stands somewhere in the list, nested lists included, or in a flow that it may run. */
function asks(written: Json): boolean {
  if (typeof written !== 'object' || written === null) return false;
  const type = isJsonObject(written) ? String(written.type ?? '').toUpperCase() : '';
  return type === 'COLLECT' || type === 'RUN' || Object.values(written).some(asks);
}
