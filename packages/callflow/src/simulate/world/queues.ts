import type { Effect } from '../../io.ts';
import type { SimulatedAgent, SimulatedQueue } from '../script.ts';
import { ringAgents } from './agents.ts';
import { askAgents } from './asked-agents.ts';
import type { Schedule } from './world.ts';

const NETWORK_MS = 50;
const CONNECTS_MS = 10_000;
const TALK_MS = 10_000;
const SOMEBODY_NO = '+12125550198';

/** Enters the line, unless it is full, moves up, and is connected when the script says, or when an agent of its own answers. */
export function enterQueue(
  { queueId, name, maxSize, agents }: Extract<Effect, { type: 'enter_queue' }>,
  scripts: readonly SimulatedQueue[],
  agentScripts: readonly SimulatedAgent[],
  schedule: Schedule,
): void {
  const script = scriptFor(name, scripts);
  const { ahead = 1, connectsMs = CONNECTS_MS } = script;
  if (maxSize !== null && ahead >= maxSize) {
    schedule.later(NETWORK_MS, queueId, (atMs) => ({ type: 'queue_refused', queueId, reason: 'max_size', atMs }));
    return;
  }
  for (let before = ahead; before >= 0; before -= 1) {
    const share = (ahead - before) / (ahead + 1);
    // Nobody moves up in a line that nobody takes callers from.
    if (before < ahead && connectsMs === null) break;
    const position = before + 1;
    schedule.later(NETWORK_MS + Math.round((connectsMs ?? 0) * share), queueId, (atMs) => {
      return { type: 'queue_position', queueId, position, size: position, atMs };
    });
  }
  if (agents === null) {
    talk(queueId, script, connectsMs, schedule);
    return;
  }
  const firstMs = connectsMs === null && ahead > 0 ? null : Math.round((connectsMs ?? 0) * (ahead / (ahead + 1)));
  if (agents.screened === true) {
    schedule.begin(queueId, NETWORK_MS);
    if (firstMs !== null) askAgents(queueId, agents, agentScripts, NETWORK_MS + firstMs, schedule);
    talk(queueId, script, null, schedule);
    return;
  }
  const answer =
    firstMs === null
      ? null
      : ringAgents(queueId, agents, agentScripts, (delayMs, make) =>
          schedule.later(NETWORK_MS + firstMs + delayMs, queueId, make),
        );
  const isAnswered = firstMs !== null && answer !== null;
  talk(queueId, { ...script, ...answer?.by }, isAnswered ? firstMs + answer.afterMs : null, schedule, null);
}

/** Connects with the first in line as soon as there is one. */
export function connectQueue(
  { queueId, name }: Extract<Effect, { type: 'connect_queue' }>,
  scripts: readonly SimulatedQueue[],
  schedule: Schedule,
): void {
  const script = scriptFor(name, scripts);
  talk(queueId, script, script.connectsMs === undefined ? CONNECTS_MS : script.connectsMs, schedule);
}

export function leaveQueue(queueId: string, { later, cancel, agents }: Schedule): void {
  agents.delete(queueId);
  if (!cancel(queueId)) return;
  later(0, null, (atMs) => ({ type: 'queue_left', queueId, reason: 'left', atMs }));
}

function talk(
  queueId: string,
  script: SimulatedQueue,
  connectsMs: number | null,
  { later }: Schedule,
  callId: string | null = '2@simulation',
): void {
  const { no: callerNo = SOMEBODY_NO, talkMs = TALK_MS } = script;
  // What never happens is there to be taken back.
  const atMs = NETWORK_MS + (connectsMs ?? Number.POSITIVE_INFINITY);
  const who = { callId, callerNo };
  later(atMs, queueId, (nowMs) => {
    return { type: 'queue_connected', queueId, ...who, waitMs: connectsMs ?? 0, atMs: nowMs };
  });
  if (connectsMs === null) return;
  later(atMs + talkMs, queueId, (nowMs) => ({ type: 'queue_left', queueId, reason: 'ended', atMs: nowMs }));
}

function scriptFor(name: string, scripts: readonly SimulatedQueue[]): SimulatedQueue {
  return scripts.find((one) => one.name === undefined || one.name === name) ?? {};
}
