import type { CallOutcome, Effect, Input, Interpreter } from '@voxology/callflow';
import type { EndCallback } from '@voxology/store';

export type EndedInput = Extract<Input, { type: 'ended' }>;

/** What is left of a call that is over: the figures of its record, and the last callback unless there is none to call. */
export interface Conclusion {
  record: CallOutcome;
  endCallback: EndCallback | null;
}

export function conclusionOf({ target, failover, body, record }: Extract<Effect, { type: 'finish' }>): Conclusion {
  return { record, endCallback: { target, failover, body } };
}

/**
 * Runs the inputs of a call through the interpreter without carrying out their effects, and gives what its end came to.
 * An input that the interpreter fails on changes nothing, as in the live call, and `onDefect` is told. `null` when no end
 * comes of it: the inputs do not begin with `start`, or the interpreter fails on the end too.
 */
export function conclude(
  interpreter: Interpreter,
  inputs: readonly Input[],
  onDefect: (error: unknown) => void,
): Conclusion | null {
  let state = interpreter.initialState();
  for (const input of inputs) {
    try {
      const step = interpreter.step(state, input);
      state = step.state;
      const finish = step.effects.find((effect) => effect.type === 'finish');
      if (finish !== undefined) return conclusionOf(finish);
    } catch (error) {
      onDefect(error);
    }
  }
  return null;
}

/** The end of a call that no flow can speak for: its times, and no callback. */
export function bareConclusion(startTimeMs: number, { status, by, error, atMs }: EndedInput): Conclusion {
  return {
    record: {
      status,
      hangupEnd: by,
      endTimeMs: atMs,
      durationMs: Math.max(0, atMs - startTimeMs),
      connectTimeSec: 0,
      detection: 'unknown',
      error,
    },
    endCallback: null,
  };
}
