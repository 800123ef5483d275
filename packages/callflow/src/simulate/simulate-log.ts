import { createInterpreter, type Interpreter } from '../interpreter/interpreter.ts';
import type { CallInfo, Effect, FlowEvent, Input, PlaySource } from '../io.ts';
import type { LoggedCall, LoggedStep } from './logged-call.ts';
import { type Doing, type LoggedWorld, loggedWorld } from './logged-world.ts';
import { MessageLine } from './message-line.ts';
import { narrate } from './narration.ts';
import { type Progress, runAtOnce } from './progress.ts';
import { VirtualLine } from './virtual-line.ts';

/** A past call or text message and its simulation, a line for everything the caller heard and the flow did; without times. */
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

/** A line in virtual time, of a call or of a text message. */
interface Line {
  readonly inputs: readonly Input[];
  readonly outcome: object | null;
  readonly elapsedMs: number;
  readonly nextElapsedMs: number | null;
  advance(isReached: () => boolean, untilElapsedMs?: number): Progress;
  take(input: Input): void;
}

/**
 * Simulates a past call, or the flow of a past text message: what others did in it is done again, as long after the same
 * things have happened. The server answers what it answered then, the caller presses the same keys, far sides answer and
 * hang up, rooms fill, commands come. The rest is the simulation's: what is played and said of it, when timers run out,
 * what stops a prompt, what ends when the flow ends it.
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
  const loggedMs = (inputs.at(-1)?.atMs ?? 0) - (first?.atMs ?? 0);
  if (first?.type !== 'start' || !hasEnd(steps)) {
    const elapsedMs = { logged: loggedMs, simulated: 0 };
    return { obstacle: 'the log has no end', logged, simulated: [], elapsedMs, isSame: false };
  }
  const interpreter = options.interpreter ?? createInterpreter();
  const world = loggedWorld(steps);
  const line = lineFor(first, world, interpreter);
  for (const doing of world.doings) perform(doing, line, first.atMs);
  finish(line.advance(() => false));
  const simulated = transcriptOf(line.inputs, interpreter);
  const isSame =
    Math.abs(line.elapsedMs - loggedMs) <= MOST_LATENESS_MS &&
    logged.length === simulated.length &&
    logged.every((text, index) => text === simulated[index]);
  return { obstacle: null, logged, simulated, elapsedMs: { logged: loggedMs, simulated: line.elapsedMs }, isSame };
}

function lineFor(
  start: Extract<Input, { type: 'start' }>,
  { answerCallback, script, world }: LoggedWorld,
  interpreter: Interpreter,
): Line {
  const { settings, sessionData, seed, message, atMs } = start;
  const call: CallInfo = { ...start.call };
  const about = { call, settings, sessionData, seed, at: atMs };
  const { url } = settings.callback;
  if (message !== undefined) {
    const { callbackMs, maxCallbacks } = script;
    const parts = { interpreter, world, message, callbackMs };
    return new MessageLine(answerCallback, { ...about, text: message.text, maxCallbacks }, url, parts);
  }
  const ofCall = { ...script, ...about, direction: call.direction };
  return new VirtualLine(answerCallback, ofCall, url, { interpreter, world });
}

/** When the call has had as many inputs as it had then, or should have had them, and as much time has passed. */
function perform({ input, index, sinceMs }: Doing, line: Line, startMs: number): void {
  const latestMs = input.atMs - startMs + LATENESS_MS;
  finish(line.advance(() => line.inputs.length >= index, Math.max(line.elapsedMs, latestMs)));
  const dueMs = Math.min(line.elapsedMs + sinceMs, Math.max(line.elapsedMs, latestMs));
  finish(line.advance(() => false, Math.max(line.elapsedMs, dueMs - LATENESS_MS)));
  const nextMs = line.nextElapsedMs ?? Number.POSITIVE_INFINITY;
  if (nextMs > dueMs) finish(line.advance(() => false, dueMs));
  if (line.outcome === null) line.take(input);
}

/** A call ends on the wire, the flow of a message when it has nothing more to do. */
function hasEnd(steps: readonly LoggedStep[]): boolean {
  return steps.some(
    ({ input, effects }) => input.type === 'ended' || effects.some(({ type }) => type === 'finish_message'),
  );
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
    case 'send_message':
      return [`sends "${effect.text}" to ${effect.no}`];
    case 'finish_message':
      return [`ended: ${effect.record.status}${effect.record.error === null ? '' : `, ${effect.record.error}`}`];
    default:
      return [];
  }
}

function shown(source: PlaySource): string {
  return source.kind === 'say' ? `"${source.text}"` : source.url;
}

function finish(progress: Progress): void {
  runAtOnce(progress, 'a logged answer is there at once');
}
