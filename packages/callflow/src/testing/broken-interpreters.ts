import { createInterpreter, type Interpreter } from '../interpreter/interpreter.ts';
import type { Effect, Input, Json } from '../io.ts';
import { isJsonObject } from '../json-value.ts';

/** A fault: what the interpreter is given in place of an input, and wants done in place of a step's effects. */
interface Fault {
  input?: (input: Input) => Input;
  effects?: (effects: Effect[]) => Effect[];
}

/** An interpreter with a fault. */
export interface BrokenInterpreter extends Interpreter {
  /** Whether it has done something else than the whole one since `initialState` was last asked for. */
  hasShown(): boolean;
}

const FAULTS = {
  'says nothing': without('play'),
  'never hangs up': without('hang_up'),
  'sets timers ten times too long': changing((effect) =>
    effect.type === 'set_timer' ? { ...effect, durationMs: effect.durationMs * 10 } : effect,
  ),
  'takes the other branch': { input: withBranchesSwapped },
  'mistakes every key': { input: (input) => (input.type === 'digit' ? { ...input, digit: '0' } : input) },
  'sets timers a millisecond too long': changing((effect) =>
    effect.type === 'set_timer' ? { ...effect, durationMs: effect.durationMs + 1 } : effect,
  ),
  'counts one further': changing((effect) =>
    effect.type === 'play' ? { ...effect, playbackId: `${effect.playbackId}0` } : effect,
  ),
  'does things in the wrong order': { effects: (effects) => effects.toReversed() },
  'writes another end into the record': changing((effect) => {
    if (effect.type === 'finish') return { ...effect, record: { ...effect.record, status: 'busy', hangupEnd: 'api' } };
    if (effect.type === 'finish_message') return { ...effect, record: { ...effect.record, error: 'none at all' } };
    return effect;
  }),
} satisfies Record<string, Fault>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[];

/** What no caller would hear, and no simulation tells from the right thing. */
export const INAUDIBLE_FAULTS: readonly FaultName[] = [
  'sets timers a millisecond too long',
  'does things in the wrong order',
];

/** The interpreter with one fault, for the tests of what has to notice it. */
export function brokenInterpreter(name: FaultName): BrokenInterpreter {
  const { input: given = (input) => input, effects: wanted = (effects) => effects }: Fault = FAULTS[name];
  const whole = createInterpreter();
  let soundState = whole.initialState();
  let hasShown = false;
  return {
    hasShown: () => hasShown,
    initialState: () => {
      soundState = whole.initialState();
      hasShown = false;
      return soundState;
    },
    step: (state, input) => {
      const sound = whole.step(soundState, input);
      soundState = sound.state;
      const result = whole.step(state, given(input));
      const effects = wanted(result.effects);
      hasShown ||= JSON.stringify(effects) !== JSON.stringify(sound.effects);
      return { ...result, effects };
    },
  };
}

function without(type: Effect['type']): Fault {
  return { effects: (effects) => effects.filter((effect) => effect.type !== type) };
}

function changing(change: (effect: Effect) => Effect): Fault {
  return { effects: (effects) => effects.map(change) };
}

/** As if IF had been compiled the wrong way round. */
function withBranchesSwapped(input: Input): Input {
  if (input.type !== 'callback_answered') return input;
  try {
    return { ...input, bodyText: JSON.stringify(swapped(JSON.parse(input.bodyText) as Json)) };
  } catch {
    return input;
  }
}

function swapped(value: Json): Json {
  if (Array.isArray(value)) return value.map(swapped);
  if (!isJsonObject(value)) return value;
  const inside = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, swapped(one)]));
  if (value.type !== 'IF') return inside;
  return { ...inside, then: inside.orElse ?? [], orElse: inside.then ?? [] };
}
