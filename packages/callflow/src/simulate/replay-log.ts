import { createInterpreter, type Interpreter } from '../interpreter/interpreter.ts';
import type { CallState, State } from '../interpreter/state.ts';
import type { Effect, Input } from '../io.ts';
import { differencesOf, type LoggedCall, type ReplayedStep } from './logged-call.ts';

/**
 * Runs the inputs of a past call again, step by step, and compares what is done with what was done then. With `against`
 * the answers of the configured callback URL are that flow instead, and the replay ends at the first step that goes
 * another way: what the caller did after it belongs to another call.
 *
 * @param options.against text of a document
 * @param options.interpreter runs the inputs, in place of the one that live calls of this version have
 */
export function replayCallLog(
  { steps }: LoggedCall,
  options: { against?: string; interpreter?: Interpreter } = {},
): ReplayedStep[] {
  const interpreter = options.interpreter ?? createInterpreter();
  const replayed: ReplayedStep[] = [];
  const asked = new Map<string, boolean>();
  let state = interpreter.initialState();
  for (const step of steps) {
    const input = options.against === undefined ? step.input : answeredWith(step.input, asked, options.against);
    const { state: next, effects, events } = interpreter.step(state, input);
    const differences = differencesOf(step.effects, isRecovery(input) ? effects.filter(isFinish) : effects);
    replayed.push({ input, changes: changesBetween(state, next), events, effects, differences });
    state = next;
    if (options.against !== undefined && differences.length > 0) break;
    for (const effect of effects) {
      if (effect.type !== 'request_callback' && effect.type !== 'request_message_callback') continue;
      if (state.kind !== 'call') continue;
      asked.set(effect.requestId, effect.target.url === state.settings.callback.url);
    }
  }
  return replayed;
}

/** The call was up when its server crashed: nothing was left then that the flow could have put away. */
function isRecovery(input: Input): boolean {
  return input.type === 'ended' && input.reason === 'recovered';
}

function isFinish({ type }: Effect): boolean {
  return type === 'finish';
}

function answeredWith(input: Input, asked: ReadonlyMap<string, boolean>, bodyText: string): Input {
  if (input.type !== 'callback_answered' || asked.get(input.requestId) !== true) return input;
  return { ...input, httpStatus: 200, bodyText };
}

function changesBetween(before: State, after: State): ReplayedStep['changes'] {
  const [old, now] = [summaryOf(before), summaryOf(after)];
  const changes: ReplayedStep['changes'] = [];
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(name) ?? null, now.get(name) ?? null];
    if (was !== is) changes.push({ name, before: was, after: is });
  }
  return changes;
}

/** What a person wants to know of a state, each as a short text. */
function summaryOf(state: State): Map<string, string> {
  const summary = new Map<string, string>();
  if (state.kind !== 'call') return summary;
  summary.set('phase', state.phase.name);
  const at = placesOf(state);
  if (at !== '') summary.set('at', at);
  if (state.answeredAtMs !== null) summary.set('answered', 'yes');
  if (state.keyPresses !== '') summary.set('$keyPresses', JSON.stringify(state.keyPresses));
  if (state.speech !== '') summary.set('$speech', JSON.stringify(state.speech));
  if (state.joined !== null) summary.set('joined', state.joined.kind);
  if (state.event !== null) summary.set('event', state.event.name);
  if (state.background.length > 0) summary.set('beside', state.background.map(({ kind }) => kind).join(', '));
  if (state.timerIds.length > 0) summary.set('timers', state.timerIds.join(', '));
  for (const [name, value] of Object.entries(state.variables)) summary.set(`$${name}`, JSON.stringify(value));
  for (const [name, value] of Object.entries(state.sessionData ?? {}))
    summary.set(`$sessionData.${name}`, JSON.stringify(value));
  return summary;
}

/** Where the strands stand in the document, outermost frame first. */
function placesOf({ strands, program }: CallState): string {
  return strands
    .map(({ frames }) => frames.map(({ pc }) => program?.instructions[pc]?.path ?? '').filter((path) => path !== ''))
    .map((paths) => paths.join(' > '))
    .join(' | ');
}
