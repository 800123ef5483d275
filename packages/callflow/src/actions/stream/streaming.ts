import { backgroundOf, raiseFrom, removeBackground } from '../../interpreter/background.ts';
import type { Background } from '../../interpreter/state.ts';
import { emitWhileUp, report, reportError, type Step } from '../../interpreter/step.ts';
import type { StreamInput } from '../../io.ts';
import type { Instruction } from '../../program/program.ts';
import { type ActionInput, type BackgroundInput, CONTINUE, type Outcome } from '../action.ts';

/** A STREAM that the flow waits for. */
export type Streaming = { streamId: string; finishKeys: string[] };

/** So that a loop around an address that cannot be had ends. */
const STEPS_OF_A_FAILURE = 200;

export function onStreamInput(
  step: Step,
  _instruction: Instruction,
  streaming: Streaming,
  input: ActionInput,
): Outcome<Streaming> | null {
  const { streamId, finishKeys } = streaming;
  const stream = backgroundOf(step, 'stream', streamId);
  switch (input.type) {
    case 'digit':
      if (!finishKeys.includes(input.digit)) return null;
      emitWhileUp(step, { type: 'stop_stream', streamId });
      return { kind: 'wait', wait: { ...streaming, finishKeys: [] } };
    case 'timer':
      if (stream === undefined || stream.timerId !== input.timerId) return null;
      emitWhileUp(step, { type: 'stop_stream', streamId });
      return { kind: 'wait', wait: { ...streaming, finishKeys: [] } };
    case 'stream_started':
    case 'stream_ended':
    case 'stream_failed':
      if (input.streamId !== streamId || stream === undefined) return null;
      tell(step, stream, input);
      if (input.type === 'stream_failed') step.call.stepsWithoutWait += STEPS_OF_A_FAILURE;
      return input.type === 'stream_started' ? { kind: 'wait', wait: streaming } : CONTINUE;
    default:
      return null;
  }
}

/** What becomes of a stream that goes on beside the flow. */
export function onStreamInBackground(step: Step, input: BackgroundInput): boolean {
  if (input.type === 'timer') {
    const over = step.call.background.find(({ kind, timerId }) => kind === 'stream' && timerId === input.timerId);
    if (over !== undefined) step.effects.push({ type: 'stop_stream', streamId: over.id });
    return over !== undefined;
  }
  if (input.type !== 'stream_started' && input.type !== 'stream_ended' && input.type !== 'stream_failed') return false;
  const stream = backgroundOf(step, 'stream', input.streamId);
  if (stream !== undefined) tell(step, stream, input);
  return true;
}

function tell(step: Step, stream: Background, input: StreamInput): void {
  const { call } = step;
  const { spot } = stream;
  if (input.type === 'stream_started') {
    report(step, 'progress', spot, 'the stream is open');
    raiseFrom(step, stream, 'on_start');
    return;
  }
  removeBackground(step, stream);
  call.streamStatus = input.type === 'stream_ended' ? 'completed' : 'failed';
  if (input.type === 'stream_ended') {
    report(step, 'progress', spot, `the stream is over, ended by ${input.by === 'stop' ? 'us' : 'the far end'}`);
    raiseFrom(step, stream, 'on_end');
    return;
  }
  reportError(step, spot, `the stream failed: ${input.reason}`, { reason: input.reason });
  raiseFrom(step, stream, 'on_error', { reason: input.reason });
}
