import { keepCalleeAnswer } from '../../interpreter/callees.ts';
import type { EventRange } from '../../interpreter/events.ts';
import { cancelTimer, isCallee, report, reportError, type Step, setTimer } from '../../interpreter/step.ts';
import { forgetVariables } from '../../interpreter/variables.ts';
import type { KeyPressEntry } from '../../io.ts';
import type { Instruction } from '../../program/program.ts';
import { type ActionInput, CONTINUE, type Outcome } from '../action.ts';
import type { CallerInput } from '../caller-input.ts';
import { looksLike } from './digit-pattern.ts';
import { broken, close, forgotten, type Hearing, open, understood } from './hearing.ts';

/** A COLLECT under way. `timerId` is null while its prompt is playing. */
export type Collecting = {
  name: string | null;
  digits: string;
  takesDigits: boolean;
  minDigits: number;
  numDigits: number;
  finishKeys: string[];
  timeoutMs: number;
  interDigitTimeoutMs: number;
  /** What cuts the prompt short. */
  bargeIn: CallerInput[];
  typeAhead: boolean;
  /** Patterns, where none means that no digits are good; null: anything is. */
  valid: string[] | null;
  /** Null when it does not take speech. */
  hearing: Hearing | null;
  retriesLeft: number;
  /** What is played before the next attempt. */
  retryPrompt: EventRange | null;
  timerId: string | null;
};

type End = 'num_digits' | 'finish_on_key' | 'speech' | 'timeout' | 'interrupted';

/** So that a loop around a COLLECT that hears nothing ends long before the recogniser is asked thousands of times. */
const STEPS_OF_A_FAILED_LISTENING = 200;

/** Plays the prompt, or waits at once; keys pressed before it count when that is asked for. */
export function begin(
  step: Step,
  instruction: Instruction,
  collecting: Collecting,
  prompt: EventRange | null,
): Outcome<Collecting> {
  const outcome = takeTyped(step, instruction, collecting);
  if (outcome !== null) return outcome;
  if (prompt === null) return waitForFirst(step, collecting);
  return { kind: 'enter', from: prompt.from, to: prompt.to, wait: duringPrompt(step, collecting) };
}

/** The prompt is over. */
export function afterPrompt(step: Step, instruction: Instruction, collecting: Collecting): Outcome<Collecting> {
  return takeTyped(step, instruction, collecting) ?? waitForFirst(step, collecting);
}

/** One key, something said, or the end of the waiting. */
export function onCollectInput(
  step: Step,
  instruction: Instruction,
  collecting: Collecting,
  input: ActionInput,
): Outcome<Collecting> | null {
  if (input.type === 'timer') {
    if (input.timerId !== collecting.timerId) return null;
    const isSpeaking = collecting.hearing?.isSpeaking === true;
    return end(step, instruction, { ...collecting, timerId: null }, isSpeaking ? 'speech' : 'timeout');
  }
  if ('listenId' in input) return onSpeech(step, instruction, collecting, input);
  if (input.type !== 'digit' || !collecting.takesDigits) return null;
  // Kept for the end of the prompt, or ignored like any key that nobody waits for.
  if (isPrompting(collecting) && !collecting.bargeIn.includes('digits')) return null;
  return takeKey(step, instruction, collecting, input.digit);
}

export function abandonCollecting(step: Step, instruction: Instruction, collecting: Collecting): void {
  conclude(step, instruction, collecting, 'interrupted', false);
}

function isPrompting({ timerId }: Collecting): boolean {
  return timerId === null;
}

function onSpeech(
  step: Step,
  instruction: Instruction,
  collecting: Collecting,
  input: Extract<ActionInput, { listenId: string }>,
): Outcome<Collecting> | null {
  const { hearing } = collecting;
  if (hearing === null || hearing.listenId !== input.listenId) return null;
  switch (input.type) {
    case 'speech_started': {
      const spoken = { ...collecting, hearing: { ...hearing, isSpeaking: true } };
      return { kind: 'wait', wait: armTimer(step, spoken, step.limits.maxSpeechMs), interrupt: true };
    }
    case 'speech_recognized':
      return end(step, instruction, { ...collecting, hearing: understood(step, hearing, input) }, 'speech');
    case 'heard_again':
      return hearing.isSpeaking ? waitAnew(step, { ...collecting, hearing: forgotten(hearing) }) : null;
    case 'listening_failed':
      return onDeaf(step, instruction, collecting, hearing, input.reason);
  }
}

/** Goes on with the keypad, or is over when there is none; asking again would not help. */
function onDeaf(
  step: Step,
  instruction: Instruction,
  collecting: Collecting,
  hearing: Hearing,
  reason: string,
): Outcome<Collecting> {
  reportError(step, instruction, `cannot hear the caller: ${reason}`, { reason });
  const deaf = { ...collecting, hearing: broken(step, hearing) };
  if (collecting.takesDigits) return hearing.isSpeaking ? waitAnew(step, deaf) : { kind: 'wait', wait: deaf };
  step.call.stepsWithoutWait += STEPS_OF_A_FAILED_LISTENING;
  conclude(step, instruction, deaf, 'timeout', false);
  return CONTINUE;
}

/** The keys pressed before, when they count; null when there are none, or they do not. */
function takeTyped(step: Step, instruction: Instruction, collecting: Collecting): Outcome<Collecting> | null {
  if (!collecting.takesDigits || isCallee(step)) return null;
  const typed = step.call.typedAhead;
  step.call.typedAhead = '';
  if (!collecting.typeAhead || typed === '') return null;
  let outcome: Outcome<Collecting> | null = null;
  let current = collecting;
  for (const [index, key] of [...typed].entries()) {
    outcome = takeKey(step, instruction, current, key);
    if (outcome.kind !== 'wait') {
      step.call.typedAhead = typed.slice(index + 1);
      return outcome;
    }
    current = outcome.wait;
  }
  return outcome;
}

function waitForFirst(step: Step, collecting: Collecting): Outcome<Collecting> {
  return waitAnew(step, listening(step, collecting));
}

/** Waits as long as for the first digit. */
function waitAnew(step: Step, collecting: Collecting): Outcome<Collecting> {
  return { kind: 'wait', wait: armTimer(step, collecting, collecting.timeoutMs) };
}

/** Listens, when speech is asked for. */
function listening(step: Step, collecting: Collecting): Collecting {
  return collecting.hearing === null ? collecting : { ...collecting, hearing: open(step, collecting.hearing) };
}

function silent(step: Step, collecting: Collecting): Collecting {
  return collecting.hearing === null ? collecting : { ...collecting, hearing: close(step, collecting.hearing) };
}

function duringPrompt(step: Step, collecting: Collecting): Collecting {
  return collecting.bargeIn.includes('speech') ? listening(step, collecting) : silent(step, collecting);
}

/** Waits for the next digit or the end of what is said, in place of any wait before. */
function armTimer(step: Step, collecting: Collecting, durationMs: number): Collecting {
  if (collecting.timerId !== null) cancelTimer(step, collecting.timerId);
  return { ...collecting, timerId: setTimer(step, durationMs) };
}

/** From the first key on it is the keypad that counts. */
function takeKey(step: Step, instruction: Instruction, collecting: Collecting, key: string): Outcome<Collecting> {
  if (collecting.finishKeys.includes(key)) return end(step, instruction, collecting, 'finish_on_key');
  const pressed = { ...silent(step, collecting), digits: collecting.digits + key };
  if (pressed.digits.length >= pressed.numDigits) {
    if (pressed.finishKeys.length > 0 && !isCallee(step)) {
      step.call.lateFinishKey = { keys: pressed.finishKeys, untilMs: step.call.nowMs + pressed.interDigitTimeoutMs };
    }
    return end(step, instruction, pressed, 'num_digits');
  }
  return { kind: 'wait', wait: armTimer(step, pressed, pressed.interDigitTimeoutMs), interrupt: true };
}

/** Ends the attempt: what is not good is asked for again as long as there are attempts left. */
function end(step: Step, instruction: Instruction, collecting: Collecting, by: End): Outcome<Collecting> {
  const { digits, retriesLeft, retryPrompt } = collecting;
  const isGood = by === 'speech' ? collecting.hearing?.text !== '' : areGood(collecting);
  if (isGood || retriesLeft === 0) {
    conclude(step, instruction, collecting, by, isGood);
    return CONTINUE;
  }
  if (collecting.timerId !== null) cancelTimer(step, collecting.timerId);
  const message = `${whatCame(collecting, by)}, not what is asked for: once more`;
  report(step, 'branch_taken', instruction, message, { digits, retries_left: retriesLeft });
  const hearing = collecting.hearing && forgotten(collecting.hearing);
  const again = { ...collecting, digits: '', hearing, timerId: null, retriesLeft: retriesLeft - 1 };
  if (retryPrompt !== null) {
    return { kind: 'enter', from: retryPrompt.from, to: retryPrompt.to, wait: duringPrompt(step, again) };
  }
  const wait = armTimer(step, listening(step, again), again.timeoutMs);
  return { kind: 'wait', wait, interrupt: true };
}

function areGood({ digits, minDigits, valid }: Collecting): boolean {
  return digits.length >= minDigits && (valid === null || looksLike(digits, valid));
}

function conclude(step: Step, instruction: Instruction, collecting: Collecting, by: End, isValid: boolean): void {
  const { call } = step;
  const { name, digits, hearing } = silent(step, collecting);
  if (collecting.timerId !== null) cancelTimer(step, collecting.timerId);
  const said = hearing === null ? {} : { speech: hearing.text };
  if (isCallee(step)) {
    const { text = '', confidence = null } = hearing ?? {};
    keepCalleeAnswer(step, { keyPresses: digits, collectValid: isValid, speech: text, speechConfidence: confidence });
  } else {
    call.keyPresses = digits;
    call.isCollectValid = isValid;
    forgetVariables(step, ['collectValid']);
    if (hearing !== null) {
      forgetVariables(step, ['speech', 'speechConfidence']);
      call.speech = hearing.text;
      call.speechConfidence = hearing.confidence;
    }
    keepEntry(step, instruction, { name, digits, ...said });
  }
  report(step, 'digits_collected', instruction, `${whatCame(collecting, by)}, ended by ${by}`, {
    name,
    digits,
    ended_by: by,
    ...said,
    ...(hearing !== null && { confidence: hearing.confidence }),
  });
}

function keepEntry(step: Step, instruction: Instruction, entry: KeyPressEntry): void {
  const { call } = step;
  let kept = call.keyPressEntries;
  if (kept.length >= step.limits.maxKeyPressEntries) {
    report(step, 'warning', instruction, 'too many key presses since the last callback; the oldest is dropped');
    kept = kept.slice(1);
  }
  call.keyPressEntries = [...kept, entry];
}

function whatCame({ digits, hearing }: Collecting, by: End): string {
  if (by === 'speech' && hearing !== null) {
    return hearing.text === '' ? 'speech that was not understood' : `speech "${hearing.text}"`;
  }
  if (digits !== '') return `digits ${digits}`;
  return hearing === null ? 'no digits' : 'no answer';
}
