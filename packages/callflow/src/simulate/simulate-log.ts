import { createInterpreter, type Interpreter } from '../interpreter/interpreter.ts';
import type { CallInfo, Effect, FlowEvent, Input, PlaySource } from '../io.ts';
import type { LoggedCall } from './logged-call.ts';
import { type Doing, loggedWorld } from './logged-world.ts';
import { narrate } from './narration.ts';
import type { SimulationScript } from './script.ts';
import { type Progress, VirtualLine } from './virtual-line.ts';

/** A past call and its simulation, a line for everything the caller heard and the flow did; without times. */
export interface SimulatedLog {
  /** Why the call cannot be simulated. */
  obstacle: string | null;
  logged: string[];
  simulated: string[];
  /** How long the call was, and how long its simulation. */
  elapsedMs: { logged: number; simulated: number };
  /** The same lines, and as long but for timers that were late. */
  isSame: boolean;
}

/** A timer of a live call may run out that much late, and so behind something that its simulation has after it. */
const LATENESS_MS = 500;
/** What all of them may come to in one call. */
const MOST_LATENESS_MS = 2_000;

/**
 * Simulates a past call: what others did in it is done again, as long after the same things have happened. The server
 * answers what it answered then, the caller presses the same keys, far sides answer and hang up, rooms fill, commands
 * come. The rest is the simulation's: what is played and said of it, when timers run out, what stops a prompt, what ends
 * when the flow ends it.
 *
 * @param options.interpreter runs the simulation, in place of the one that the live calls of this version have
 */
export function simulateCallLog({ steps }: LoggedCall, options: { interpreter?: Interpreter } = {}): SimulatedLog {
  const inputs = steps.map(({ input }) => input);
  const logged = transcriptOf(
    inputs,
    createInterpreter(),
    steps.map(({ effects }) => effects),
  );
  const [first] = inputs;
  const obstacle = obstacleIn(inputs);
  const loggedMs = (inputs.at(-1)?.atMs ?? 0) - (first?.atMs ?? 0);
  if (obstacle !== null || first?.type !== 'start')
    return { obstacle, logged, simulated: [], elapsedMs: { logged: loggedMs, simulated: 0 }, isSame: false };
  const { answerCallback, script: times, world, doings } = loggedWorld(steps);
  const { settings, sessionData, seed } = first;
  const call: CallInfo = { ...first.call };
  const script: SimulationScript = {
    ...times,
    call,
    settings,
    sessionData,
    seed,
    at: first.atMs,
    direction: call.direction,
  };
  const interpreter = options.interpreter ?? createInterpreter();
  const line = new VirtualLine(answerCallback, script, settings.callback.url, { interpreter, world });
  for (const doing of doings) perform(doing, line, first.atMs);
  finish(line.advance(() => false));
  const simulated = transcriptOf(line.inputs, interpreter);
  const isSame =
    Math.abs(line.elapsedMs - loggedMs) <= MOST_LATENESS_MS &&
    logged.length === simulated.length &&
    logged.every((text, index) => text === simulated[index]);
  return { obstacle, logged, simulated, elapsedMs: { logged: loggedMs, simulated: line.elapsedMs }, isSame };
}

/** When the call has had as many inputs as it had then, or should have had them, and as much time has passed. */
function perform({ input, index, sinceMs }: Doing, line: VirtualLine, startMs: number): void {
  const latestMs = input.atMs - startMs + LATENESS_MS;
  finish(line.advance(() => line.inputs.length >= index, Math.max(line.elapsedMs, latestMs)));
  const dueMs = Math.min(line.elapsedMs + sinceMs, Math.max(line.elapsedMs, latestMs));
  finish(line.advance(() => false, Math.max(line.elapsedMs, dueMs - LATENESS_MS)));
  const nextMs = line.nextElapsedMs ?? Number.POSITIVE_INFINITY;
  if (nextMs > dueMs) finish(line.advance(() => false, dueMs));
  if (line.outcome === null) line.take(input);
}

function obstacleIn(inputs: readonly Input[]): string | null {
  if (inputs[0]?.type === 'start' && inputs[0].message !== undefined) return 'a text message in place of a call';
  return inputs.some(({ type }) => type === 'ended') ? null : 'the log has no end';
}

/** What the caller hears and the flow does when these inputs come; `effects`: what was done then, when that is known. */
function transcriptOf(inputs: readonly Input[], interpreter: Interpreter, effects?: readonly Effect[][]): string[] {
  let state = interpreter.initialState();
  return inputs.flatMap((input, index) => {
    const step = interpreter.step(state, input);
    state = step.state;
    return linesOf(step.events, effects?.[index] ?? step.effects);
  });
}

function linesOf(events: readonly FlowEvent[], effects: readonly Effect[]): string[] {
  const told = narrate(events, effects).map(({ type, text, path }) => `${type} ${text} ${path ?? ''}`.trim());
  return [...told, ...effects.flatMap(heard)];
}

function heard(effect: Effect): string[] {
  switch (effect.type) {
    case 'answer':
      return ['answers'];
    case 'play':
      return [`hears ${shown(effect.source)}`];
    case 'send_digits':
      return [`sends ${effect.digits}`];
    case 'hang_up':
      return [`hangs up: ${effect.reason}`];
    case 'finish':
      return [`ended: ${effect.record.status}, by ${effect.record.hangupEnd}`];
    default:
      return [];
  }
}

function shown(source: PlaySource): string {
  return source.kind === 'say' ? `"${source.text}"` : source.url;
}

function finish(progress: Progress): void {
  if (progress.next().done !== true) throw new TypeError('a logged answer is there at once');
}
