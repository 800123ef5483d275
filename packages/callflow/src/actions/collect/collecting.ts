import type { EventRange } from '../../interpreter/events.ts';
import { cancelTimer, report, type Step, setTimer } from '../../interpreter/step.ts';
import type { Instruction } from '../../program/program.ts';
import { type ActionInput, CONTINUE, type Outcome } from '../action.ts';
import { looksLike } from './digit-pattern.ts';

/** A COLLECT under way. `timerId` is null while its prompt is playing. */
export type Collecting = {
  name: string | null;
  digits: string;
  minDigits: number;
  numDigits: number;
  finishKeys: string[];
  timeoutMs: number;
  interDigitTimeoutMs: number;
  bargeIn: boolean;
  typeAhead: boolean;
  /** Patterns; none: anything is good. */
  valid: string[];
  retriesLeft: number;
  /** What is played before the next attempt. */
  retryPrompt: EventRange | null;
  timerId: string | null;
};

type End = 'num_digits' | 'finish_on_key' | 'timeout' | 'interrupted';

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
  return { kind: 'enter', from: prompt.from, to: prompt.to, wait: collecting };
}

/** The prompt is over. */
export function afterPrompt(step: Step, instruction: Instruction, collecting: Collecting): Outcome<Collecting> {
  return takeTyped(step, instruction, collecting) ?? waitForFirst(step, collecting);
}

/** One key, or the end of the waiting. */
export function onCollectInput(
  step: Step,
  instruction: Instruction,
  collecting: Collecting,
  input: ActionInput,
): Outcome<Collecting> | null {
  if (input.type === 'timer') {
    if (input.timerId !== collecting.timerId) return null;
    return end(step, instruction, { ...collecting, timerId: null }, 'timeout');
  }
  if (input.type !== 'digit') return null;
  const isPrompting = collecting.timerId === null;
  // Kept for the end of the prompt, or ignored like any key that nobody waits for.
  if (isPrompting && !collecting.bargeIn) return null;
  return takeKey(step, instruction, collecting, input.digit);
}

export function abandonCollecting(step: Step, instruction: Instruction, collecting: Collecting): void {
  conclude(step, instruction, collecting, 'interrupted', false);
}

/** The keys pressed before, when they count; null when there are none, or they do not. */
function takeTyped(step: Step, instruction: Instruction, collecting: Collecting): Outcome<Collecting> | null {
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
  return { kind: 'wait', wait: armTimer(step, collecting, collecting.timeoutMs) };
}

/** Waits for the next digit, in place of any wait before. */
function armTimer(step: Step, collecting: Collecting, durationMs: number): Collecting {
  if (collecting.timerId !== null) cancelTimer(step, collecting.timerId);
  return { ...collecting, timerId: setTimer(step, durationMs) };
}

function takeKey(step: Step, instruction: Instruction, collecting: Collecting, key: string): Outcome<Collecting> {
  if (collecting.finishKeys.includes(key)) return end(step, instruction, collecting, 'finish_on_key');
  const pressed = { ...collecting, digits: collecting.digits + key };
  if (pressed.digits.length >= pressed.numDigits) {
    if (pressed.finishKeys.length > 0) {
      step.call.lateFinishKey = { keys: pressed.finishKeys, untilMs: step.call.nowMs + pressed.interDigitTimeoutMs };
    }
    return end(step, instruction, pressed, 'num_digits');
  }
  return { kind: 'wait', wait: armTimer(step, pressed, pressed.interDigitTimeoutMs), interrupt: true };
}

/** Ends the attempt: what is not good is asked for again as long as there are attempts left. */
function end(step: Step, instruction: Instruction, collecting: Collecting, by: End): Outcome<Collecting> {
  const { digits, minDigits, valid, retriesLeft } = collecting;
  const isGood = digits.length >= minDigits && (valid.length === 0 || looksLike(digits, valid));
  if (isGood || retriesLeft === 0) {
    conclude(step, instruction, collecting, by, isGood);
    return CONTINUE;
  }
  if (collecting.timerId !== null) cancelTimer(step, collecting.timerId);
  const what = digits === '' ? 'no digits' : `digits ${digits}`;
  report(step, 'branch_taken', instruction, `${what}, not what is asked for: once more`, {
    digits,
    retries_left: retriesLeft,
  });
  const again = { ...collecting, digits: '', timerId: null, retriesLeft: retriesLeft - 1 };
  const { retryPrompt } = collecting;
  if (retryPrompt === null) return { kind: 'wait', wait: armTimer(step, again, again.timeoutMs), interrupt: true };
  return { kind: 'enter', from: retryPrompt.from, to: retryPrompt.to, wait: again };
}

function conclude(step: Step, instruction: Instruction, collecting: Collecting, by: End, isValid: boolean): void {
  const { call } = step;
  const { name, digits } = collecting;
  if (collecting.timerId !== null) cancelTimer(step, collecting.timerId);
  call.keyPresses = digits;
  call.isCollectValid = isValid;
  let kept = call.keyPressEntries;
  if (kept.length >= step.limits.maxKeyPressEntries) {
    report(step, 'warning', instruction, 'too many key presses since the last callback; the oldest is dropped');
    kept = kept.slice(1);
  }
  call.keyPressEntries = [...kept, { name, digits }];
  const what = digits === '' ? 'no digits' : `digits ${digits}`;
  report(step, 'digits_collected', instruction, `${what}, ended by ${by}`, { name, digits, ended_by: by });
}
