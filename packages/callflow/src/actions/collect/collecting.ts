import { cancelTimer, report, type Step, setTimer } from '../../interpreter/step.ts';
import type { Instruction } from '../../program/program.ts';
import { type ActionInput, CONTINUE, type Outcome } from '../action.ts';

/** A COLLECT under way. `timerId` is null while its prompt is playing. */
export type Collecting = {
  name: string | null;
  digits: string;
  numDigits: number;
  finishKeys: string[];
  timeoutMs: number;
  interDigitTimeoutMs: number;
  timerId: string | null;
};

type End = 'num_digits' | 'finish_on_key' | 'timeout' | 'interrupted';

/** Waits for the next digit, in place of any wait before. */
export function armTimer(step: Step, collecting: Collecting, durationMs: number): Collecting {
  if (collecting.timerId !== null) cancelTimer(step, collecting.timerId);
  return { ...collecting, timerId: setTimer(step, durationMs) };
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
  if (collecting.finishKeys.includes(input.digit)) return end(step, instruction, collecting, 'finish_on_key');
  const pressed = { ...collecting, digits: collecting.digits + input.digit };
  if (pressed.digits.length >= pressed.numDigits) {
    if (pressed.finishKeys.length > 0) {
      step.call.lateFinishKey = { keys: pressed.finishKeys, untilMs: step.call.nowMs + pressed.interDigitTimeoutMs };
    }
    return end(step, instruction, pressed, 'num_digits');
  }
  return { kind: 'wait', wait: armTimer(step, pressed, pressed.interDigitTimeoutMs), interrupt: true };
}

export function abandonCollecting(step: Step, instruction: Instruction, collecting: Collecting): void {
  end(step, instruction, collecting, 'interrupted');
}

function end(step: Step, instruction: Instruction, collecting: Collecting, by: End): typeof CONTINUE {
  const { call } = step;
  const { name, digits } = collecting;
  if (collecting.timerId !== null) cancelTimer(step, collecting.timerId);
  call.keyPresses = digits;
  let kept = call.keyPressEntries;
  if (kept.length >= step.limits.maxKeyPressEntries) {
    report(step, 'warning', instruction, 'too many key presses since the last callback; the oldest is dropped');
    kept = kept.slice(1);
  }
  call.keyPressEntries = [...kept, { name, digits }];
  const what = digits === '' ? 'no digits' : `digits ${digits}`;
  report(step, 'digits_collected', instruction, `${what}, ended by ${by}`, { name, digits, ended_by: by });
  return CONTINUE;
}
