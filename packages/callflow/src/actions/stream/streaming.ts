import { backgroundOf, raiseFrom, removeBackground } from '../../interpreter/background.ts';
import type { Background } from '../../interpreter/state.ts';
import { emitWhileUp, report, reportError, type Step } from '../../interpreter/step.ts';
import type { JsonObject, StreamInput } from '../../io.ts';
import { type ActionInput, type BackgroundInput, CONTINUE, type Outcome } from '../action.ts';
import type { EventRanges } from '../events/events.ts';

/** A STREAM that the flow waits for. */
export type Streaming = { streamId: string; finishKeys: string[] };

/** So that a loop around an address that cannot be had ends. */
const STEPS_OF_A_FAILURE = 200;

export function onStreamInput(
  step: Step,
  ranges: EventRanges,
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
      return onWaitedFor(step, ranges, streaming, stream, input);
    default:
      return null;
  }
}

function onWaitedFor(
  step: Step,
  ranges: EventRanges,
  streaming: Streaming,
  stream: Background,
  input: StreamInput,
): Outcome<Streaming> {
  const { name, locals } = told(step, stream, input);
  if (input.type === 'stream_started') {
    raiseFrom(step, stream, name, locals);
    return { kind: 'wait', wait: streaming };
  }
  if (input.type === 'stream_failed') step.call.stepsWithoutWait += STEPS_OF_A_FAILURE;
  const range = ranges[name];
  // In line with the flow: beside it, what the flow says next would begin and be cut.
  return range === undefined ? CONTINUE : { kind: 'enter', ...range, locals, wait: streaming };
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
  if (stream === undefined) return true;
  const { name, locals } = told(step, stream, input);
  raiseFrom(step, stream, name, locals);
  return true;
}

/** Notes what has become of it; gives the event that this is, with the variables of its list. */
function told(step: Step, stream: Background, input: StreamInput): { name: string; locals: JsonObject } {
  const { call } = step;
  const { spot } = stream;
  if (input.type === 'stream_started') {
    report(step, 'progress', spot, 'the stream is open');
    return { name: 'on_start', locals: {} };
  }
  removeBackground(step, stream);
  call.streamStatus = input.type === 'stream_ended' ? 'completed' : 'failed';
  if (input.type === 'stream_ended') {
    report(step, 'progress', spot, `the stream is over, ended by ${input.by === 'stop' ? 'us' : 'the far end'}`);
    return { name: 'on_end', locals: {} };
  }
  const { reason } = input;
  reportError(step, spot, `the stream failed: ${reason}`, { reason });
  return { name: 'on_error', locals: { reason } };
}
