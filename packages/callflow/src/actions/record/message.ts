import { backgroundOf, removeBackground } from '../../interpreter/background.ts';
import { keepRecording, type RecordingStart, startRecording, stopRecording } from '../../interpreter/recordings.ts';
import { cancelTimer, report, reportError, type Step, setTimer } from '../../interpreter/step.ts';
import type { Instruction } from '../../program/program.ts';
import { type ActionInput, CONTINUE, type Outcome } from '../action.ts';

/** A message being taken; `recordingId` is null while its prompt is playing, `timerId` when it is being stopped. */
export type Message = {
  recordingId: string | null;
  finishKeys: string[];
  maxTimeMs: number;
  timerId: string | null;
  start: RecordingStart;
};

/** So that a loop around a recorder that does not work ends. */
const STEPS_OF_A_FAILURE = 200;

export function beginMessage(step: Step, instruction: Instruction, message: Message): Outcome<Message> {
  const recordingId = startRecording(step, instruction, message.start, null);
  if (recordingId === null) return CONTINUE;
  const timerId = setTimer(step, message.maxTimeMs);
  return { kind: 'wait', wait: { ...message, recordingId, timerId } };
}

export function onMessageInput(
  step: Step,
  instruction: Instruction,
  message: Message,
  input: ActionInput,
): Outcome<Message> | null {
  const { recordingId, timerId } = message;
  if (input.type === 'digit') {
    if (recordingId === null) return { kind: 'cut', wait: message };
    return timerId !== null && message.finishKeys.includes(input.digit) ? stop(step, message) : null;
  }
  if (recordingId === null) return null;
  if (input.type === 'timer') return input.timerId === timerId ? stop(step, { ...message, timerId: null }) : null;
  if (input.type === 'recording_ended' && input.recordingId === recordingId) {
    const { by, durationMs } = input;
    const recording = backgroundOf(step, 'recording', recordingId);
    if (recording !== undefined) keepRecording(step, recording);
    if (timerId !== null) cancelTimer(step, timerId);
    step.call.lastRecording = { id: recordingId, durationMs };
    report(step, 'progress', instruction, `recorded ${durationMs} ms, ended by ${by}`, {
      id: recordingId,
      durationMs,
      by,
    });
    return CONTINUE;
  }
  if (input.type === 'recording_failed' && input.recordingId === recordingId) {
    const recording = backgroundOf(step, 'recording', recordingId);
    if (recording !== undefined) removeBackground(step, recording);
    if (timerId !== null) cancelTimer(step, timerId);
    step.call.stepsWithoutWait += STEPS_OF_A_FAILURE;
    reportError(step, instruction, `the recording failed: ${input.reason}`, { reason: input.reason });
    return CONTINUE;
  }
  return null;
}

export function abandonMessage(step: Step, { recordingId, timerId }: Message): void {
  if (timerId !== null) cancelTimer(step, timerId);
  const recording = recordingId === null ? undefined : backgroundOf(step, 'recording', recordingId);
  if (recording !== undefined && timerId !== null) stopRecording(step, recording);
  else if (recording !== undefined) keepRecording(step, recording);
}

/** Stops it; how long it is comes with `recording_ended`. */
function stop(step: Step, message: Message): Outcome<Message> {
  const { recordingId, timerId } = message;
  if (timerId !== null) cancelTimer(step, timerId);
  if (recordingId !== null) step.effects.push({ type: 'stop_recording', recordingId });
  return { kind: 'wait', wait: { ...message, timerId: null } };
}
