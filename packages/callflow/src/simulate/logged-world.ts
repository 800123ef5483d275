import type { Effect, Input } from '../io.ts';
import type { LoggedStep } from './logged-call.ts';
import type { SimulationScript } from './script.ts';
import { carryOutInWorld, type Schedule, type World } from './world/world.ts';

/** Something that others did of their own accord. */
export interface Doing {
  input: Input;
  /** So many inputs the call had had before. */
  index: number;
  /** Since the last of them. */
  sinceMs: number;
}

/**
 * Everybody in a past call but the flow and the line: the caller, the web server, far sides, rooms, who used REST. The same
 * about a text message, which has fewer of them.
 */
export interface LoggedWorld {
  /** Answers callbacks as they were answered then. */
  answerCallback: () => string;
  /** How long the ringing, callbacks and prompts took. */
  script: Pick<SimulationScript, 'answersAfterMs' | 'playback'> & { callbackMs: () => number; maxCallbacks: number };
  world: World;
  doings: Doing[];
}

/** What an effect led to, and when; null when nothing came. */
type Reply<Type extends Input['type']> = { input: Extract<Input, { type: Type }>; afterMs: number } | null;

/** A prompt that was stopped would have gone on for longer than any call. */
const UNSTOPPED_MS = 24 * 3_600_000;

/** What ends something at the flow's request: by which name the two know it, and the input that tells of the end. */
const ENDS: Readonly<Partial<Record<Effect['type'], { id: string; ended: Input['type'] }>>> = {
  end_transfer: { id: 'transferId', ended: 'transfer_ended' },
  leave_conference: { id: 'joinId', ended: 'conference_left' },
  stop_recording: { id: 'recordingId', ended: 'recording_ended' },
  stop_stream: { id: 'streamId', ended: 'stream_ended' },
  leave_queue: { id: 'queueId', ended: 'queue_left' },
};

/**
 * Takes a past call apart: what the world did in it, with its times, which a simulation is given; the rest (timers, what
 * stops a prompt, what ends at the flow's request) is the simulation's.
 */
export function loggedWorld(steps: readonly LoggedStep[]): LoggedWorld {
  const callbacks = repliesTo(
    steps,
    ['request_callback', 'request_message_callback'],
    ['callback_answered', 'callback_failed'],
    'requestId',
  );
  const playbacks = repliesTo(steps, ['play'], ['playback_ended', 'playback_failed'], 'playbackId');
  const replies = {
    answer: repliesTo(steps, ['answer'], ['answered'], undefined),
    send_digits: repliesTo(steps, ['send_digits'], ['digits_sent'], 'sendId'),
    // How long a recording became is nothing that a simulation could know.
    stop_recording: repliesTo(steps, ['stop_recording'], ['recording_ended'], 'recordingId'),
    hang_up: repliesTo(steps, ['hang_up'], ['ended'], undefined).filter((reply) => reply?.input.by === 'api'),
  };
  const times = callbacks.map((reply) => reply?.afterMs ?? Number.POSITIVE_INFINITY);
  const rangFrom = steps[0]?.input.atMs ?? 0;
  const answeredAtMs = steps.find(({ input }) => input.type === 'answered')?.input.atMs;
  return {
    answerCallback: () => {
      const input = callbacks.shift()?.input;
      if (input?.type === 'callback_failed') throw new Error(input.reason);
      return input?.bodyText ?? '';
    },
    script: {
      answersAfterMs: answeredAtMs === undefined ? Number.POSITIVE_INFINITY : answeredAtMs - rangFrom,
      callbackMs: () => times.shift() ?? Number.POSITIVE_INFINITY,
      maxCallbacks: callbacks.length + 1,
      playback: () => {
        const reply = playbacks.shift();
        if (reply?.input.type === 'playback_failed') return { failure: reply.input.reason, afterMs: reply.afterMs };
        return reply?.input.outcome === 'completed' ? reply.afterMs : UNSTOPPED_MS;
      },
    },
    world: (effect, schedule) => {
      switch (effect.type) {
        case 'answer':
        case 'send_digits':
        case 'stop_recording':
        case 'hang_up': {
          const reply = replies[effect.type].shift() ?? null;
          if (reply !== null) schedule.later(reply.afterMs, null, (atMs) => ({ ...reply.input, atMs }));
          return true;
        }
        default:
          return carryOutAsLogged(effect, schedule);
      }
    },
    doings: doingsIn(steps),
  };
}

/** Ends what the flow asks to end; what it begins is left to the doings of others. */
function carryOutAsLogged(effect: Effect, schedule: Schedule): boolean {
  if (ENDS[effect.type] !== undefined) return carryOutInWorld(effect, {}, schedule);
  for (const { id, ended } of Object.values(ENDS)) {
    const name = nameIn(effect, id);
    if (name === undefined) continue;
    // Something that can be ended; when it ends by itself is no doing of the line.
    schedule.later(Number.POSITIVE_INFINITY, name, (atMs) => ({ type: ended, [id]: name, atMs }) as unknown as Input);
    return true;
  }
  return !OF_THE_LINE.has(effect.type);
}

/** What the line does by itself, as in every simulation. */
const OF_THE_LINE: ReadonlySet<Effect['type']> = new Set([
  'ring',
  'request_callback',
  'request_message_callback',
  'play',
  'stop_playback',
  'set_timer',
  'cancel_timer',
  'dial',
  'finish',
  'finish_message',
]);

/** Inputs that the line makes, or that are an answer to what the flow did. */
const ANSWERS: ReadonlySet<Input['type']> = new Set([
  'start',
  'answered',
  'callback_answered',
  'callback_failed',
  'playback_ended',
  'playback_failed',
  'timer',
  'digits_sent',
]);

function doingsIn(steps: readonly LoggedStep[]): Doing[] {
  const askedToEnd = new Set<string>();
  let hangsUp = false;
  const doings: Doing[] = [];
  for (const [index, { input, effects }] of steps.entries()) {
    const isAnswer =
      ANSWERS.has(input.type) ||
      (input.type === 'ended' && input.by === 'api' && hangsUp) ||
      Object.values(ENDS).some(({ id, ended }) => ended === input.type && askedToEnd.has(nameIn(input, id) ?? ''));
    const before = steps[index - 1]?.input.atMs ?? input.atMs;
    if (!isAnswer) doings.push({ input, index, sinceMs: Math.max(0, input.atMs - before) });
    for (const effect of effects) {
      hangsUp ||= effect.type === 'hang_up';
      const name = nameIn(effect, ENDS[effect.type]?.id);
      if (name !== undefined) askedToEnd.add(name);
    }
  }
  return doings;
}

/**
 * For every effect of some types, in order, the first later input of some types; `id`: the field in which they must agree.
 * From the end of the call backwards, so that the time does not grow with the square of a long one.
 */
function repliesTo<Type extends Input['type']>(
  steps: readonly LoggedStep[],
  types: readonly Effect['type'][],
  inputTypes: readonly Type[],
  id: string | undefined,
): Reply<Type>[] {
  const isReply = (input: Input): input is Extract<Input, { type: Type }> =>
    (inputTypes as readonly string[]).includes(input.type);
  const next = new Map<string | undefined, Extract<Input, { type: Type }>>();
  const replies = steps.toReversed().flatMap(({ input, effects }) => {
    const asked = effects.filter(({ type }) => types.includes(type)).toReversed();
    const found = asked.map((effect): Reply<Type> => {
      const reply = next.get(nameIn(effect, id));
      return reply === undefined ? null : { input: reply, afterMs: Math.max(0, reply.atMs - input.atMs) };
    });
    if (isReply(input)) next.set(nameIn(input, id), input);
    return found;
  });
  return replies.reverse();
}

function nameIn(value: Effect | Input, key: string | undefined): string | undefined {
  const name = key === undefined ? undefined : (value as Record<string, unknown>)[key];
  return typeof name === 'string' ? name : undefined;
}
