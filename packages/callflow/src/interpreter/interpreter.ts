import type { Effect, FlowEvent, Input } from '../io.ts';
import { DEFAULT_LANGUAGE_LIMITS, type LanguageLimits } from '../limits.ts';
import { ProgramCache } from '../program/program-cache.ts';
import { beginCall, newCall } from './beginning.ts';
import { hearNextListener, resumeVoice, runCallees, runEvents } from './cycle.ts';
import { onInput } from './inputs.ts';
import { finishMessageWhenSettled } from './message.ts';
import { type CallState, draftOf, type State } from './state.ts';
import type { Step } from './step.ts';

/** What one input led to. */
export interface StepResult {
  state: State;
  /** To be carried out in this order. */
  effects: Effect[];
  events: FlowEvent[];
}

/** Runs call flows. Holds nothing about any call; one interpreter serves all of them. */
export interface Interpreter {
  /** The state of a call before its `start` input. */
  initialState(): State;
  /**
   * The one thing that ever happens to a call: an input. Pure and deterministic: the same state and input give the same
   * result, the state given is not changed, and nothing is read but its arguments. States are JSON values; they may be
   * stored and read back between any two steps. Inputs that come too late, or with the id of something that is gone,
   * change nothing.
   */
  step(state: State, input: Input): StepResult;
}

/** Makes an interpreter. `limits` bound what a document and a call may cost; what is not given is the default. */
export function createInterpreter(options: { limits?: Partial<LanguageLimits> } = {}): Interpreter {
  const limits: LanguageLimits = { ...DEFAULT_LANGUAGE_LIMITS, ...options.limits };
  const programs = new ProgramCache(limits);
  const stepOf = (call: CallState): Step => {
    return { call, effects: [], events: [], limits, strand: null, depth: null, fresh: new Set() };
  };
  return {
    initialState: () => ({ kind: 'fresh' }),
    step(state, input) {
      if (state.kind === 'fresh') {
        if (input.type !== 'start') return { state, effects: [], events: [] };
        const step = stepOf(newCall(input));
        beginCall(step);
        return { state: step.call, effects: step.effects, events: step.events };
      }
      if (state.phase.name === 'over') return { state, effects: [], events: [] };
      const step = stepOf(draftOf(state, input.atMs));
      onInput(step, input, programs);
      runEvents(step);
      runCallees(step);
      if (state.eventPlayback !== null && step.call.eventPlayback === null) resumeVoice(step);
      hearNextListener(step);
      finishMessageWhenSettled(step);
      return { state: step.call, effects: step.effects, events: step.events };
    },
  };
}
