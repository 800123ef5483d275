import type { Effect, FlowEvent, Input } from '../io.ts';
import type { Interpreter } from './interpreter.ts';
import type { State } from './state.ts';

export interface Replayed {
  /** After the last input. */
  state: State;
  /** After each input. */
  states: State[];
  effects: Effect[];
  events: FlowEvent[];
}

/**
 * Runs the inputs of a past call again from its start. Gives the same effects and events in the same order as the call
 * itself did, which is what crash recovery and regression tests rest on.
 */
export function replay(interpreter: Interpreter, inputs: Iterable<Input>): Replayed {
  const replayed: Replayed = { state: interpreter.initialState(), states: [], effects: [], events: [] };
  for (const input of inputs) {
    const { state, effects, events } = interpreter.step(replayed.state, input);
    replayed.state = state;
    replayed.states.push(state);
    for (const effect of effects) replayed.effects.push(effect);
    for (const event of events) replayed.events.push(event);
  }
  return replayed;
}
