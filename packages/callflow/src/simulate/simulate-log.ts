import { createInterpreter } from '../interpreter/interpreter.ts';
import type { CallInfo, Effect, Input, PlaySource } from '../io.ts';
import type { LoggedCall } from './logged-call.ts';
import { narrate } from './narration.ts';
import type { SimulationScript } from './script.ts';
import { type Progress, VirtualLine } from './virtual-line.ts';

/** A past call and its simulation, a line for everything the caller heard and the flow did; without times. */
export interface SimulatedLog {
  /** Why the call cannot be simulated: what happened in it that is neither the caller's doing nor the line's. */
  obstacle: string | null;
  logged: string[];
  simulated: string[];
}

/** What the line of a simulation brings about by itself. */
const OF_THE_LINE: ReadonlySet<Input['type']> = new Set([
  'start',
  'callback_answered',
  'callback_failed',
  'answered',
  'playback_ended',
  'playback_failed',
  'timer',
  'digits_sent',
]);

/** A prompt that was stopped would have gone on for longer than any call. */
const UNSTOPPED_MS = 24 * 3_600_000;

/**
 * Simulates a past call: the server answers what it answered then, prompts last as long, and the caller presses the same
 * keys and hangs up as long after the same things have happened. The rest is the simulation's: what is played, when
 * timers run out, what stops a prompt.
 */
export function simulateCallLog({ steps }: LoggedCall): SimulatedLog {
  const inputs = steps.map(({ input }) => input);
  const logged = transcriptOf(inputs);
  const obstacle = obstacleIn(steps);
  const [first] = inputs;
  if (obstacle !== null || first?.type !== 'start') return { obstacle, logged, simulated: [] };
  const answers = inputs.filter(isAnswer);
  const lengths = playbackLengths(steps);
  const call: CallInfo = { ...first.call };
  const { settings, sessionData, seed } = first;
  const script: SimulationScript = {
    call,
    settings,
    sessionData,
    seed,
    at: first.atMs,
    direction: call.direction,
    maxCallbacks: answers.length + 1,
    playback: () => lengths.shift() ?? UNSTOPPED_MS,
  };
  const line = new VirtualLine(
    () => {
      const answer = answers.shift();
      if (answer?.type === 'callback_failed') throw new Error(answer.reason);
      return answer?.type === 'callback_answered' ? answer.bodyText : '';
    },
    script,
    settings.callback.url,
  );
  for (const [index, input] of inputs.entries()) {
    if (!isOfCaller(input)) continue;
    const sinceMs = input.atMs - (inputs[index - 1]?.atMs ?? input.atMs);
    finish(line.advance(() => line.inputs.length >= index));
    finish(line.advance(() => false, line.elapsedMs + Math.max(0, sinceMs)));
    if (line.outcome === null) line.take(input);
  }
  finish(line.advance(() => false));
  return { obstacle, logged, simulated: transcriptOf(line.inputs) };
}

function isAnswer(input: Input): input is Extract<Input, { type: 'callback_answered' | 'callback_failed' }> {
  return input.type === 'callback_answered' || input.type === 'callback_failed';
}

function isOfCaller(input: Input): boolean {
  return input.type === 'digit' || (input.type === 'ended' && input.by === 'caller');
}

function obstacleIn(steps: LoggedCall['steps']): string | null {
  const inputs = steps.map(({ input }) => input);
  if (inputs[0]?.type === 'start' && inputs[0].message !== undefined) return 'a text message in place of a call';
  const hangsUp = steps.some(({ effects }) => effects.some(({ type }) => type === 'hang_up'));
  for (const input of inputs) {
    if (isOfCaller(input) || OF_THE_LINE.has(input.type)) continue;
    if (input.type !== 'ended') return input.type;
    if (!hangsUp || input.error !== null) return `ended as ${input.status}`;
  }
  const asked = steps.flatMap(({ effects }) => effects.filter(({ type }) => type === 'request_callback')).length;
  if (asked > inputs.filter(isAnswer).length) return 'a callback that was not answered';
  return inputs.some(({ type }) => type === 'ended') ? null : 'the log has no end';
}

/** How long each playback lasted, or why it failed, in the order in which they began. */
function playbackLengths(steps: LoggedCall['steps']): (number | Error)[] {
  const over = new Map(
    steps.flatMap(({ input }) =>
      input.type === 'playback_ended' || input.type === 'playback_failed' ? [[input.playbackId, input] as const] : [],
    ),
  );
  return steps.flatMap(({ input, effects }) =>
    effects.flatMap((effect): (number | Error)[] => {
      if (effect.type !== 'play') return [];
      const end = over.get(effect.playbackId);
      if (end?.type === 'playback_failed') return [new Error(end.reason)];
      return [end?.outcome === 'completed' ? end.atMs - input.atMs : UNSTOPPED_MS];
    }),
  );
}

/** What the caller hears and the flow does when these inputs come. */
function transcriptOf(inputs: readonly Input[]): string[] {
  const interpreter = createInterpreter();
  let state = interpreter.initialState();
  return inputs.flatMap((input) => {
    const { state: next, effects, events } = interpreter.step(state, input);
    state = next;
    const told = narrate(events, effects).map(({ type, text, path }) => `${type} ${text} ${path ?? ''}`.trim());
    return [...told, ...effects.flatMap(heard)];
  });
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
