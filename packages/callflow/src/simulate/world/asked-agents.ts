import type { CalleeLeg, Effect, Input, QueueAgents } from '../../io.ts';
import type { SimulatedAgent } from '../script.ts';
import { type AgentFate, fateOf, RINGS_AFTER_MS } from './agents.ts';
import { DECLINES_AFTER_MS } from './transfers.ts';
import type { Schedule } from './world.ts';

const TALK_MS = 10_000;

/** Agents of one call in a queue who are asked before one of them gets it. */
export interface AskedAgents {
  queueId: Extract<Effect, { type: 'enter_queue' }>['queueId'];
  order: QueueAgents['order'];
  /** Those who are not rung yet. Since all do the same each time, nobody is rung twice. */
  left: AgentFate[];
  /** Those who have answered, and are not hung up. */
  open: Map<string, SimulatedAgent>;
}

/** Rings the agents of a call whose turn comes in `inMs`; whoever answers is asked, and the flow decides. */
export function askAgents(
  queueId: AskedAgents['queueId'],
  { targets, order, ringTimeoutMs }: QueueAgents,
  scripts: readonly SimulatedAgent[],
  inMs: number,
  schedule: Schedule,
): void {
  const left = targets.map((no) => fateOf(no, scripts, ringTimeoutMs));
  const asked: AskedAgents = { queueId, order, left, open: new Map() };
  schedule.agents.set(queueId, asked);
  ringNext(asked, inMs, schedule);
}

/** False: it is no agent who is asked. */
export function connectAgent({ transferId: queueId, no }: CalleeLeg, schedule: Schedule): boolean {
  const asked = schedule.agents.get(queueId);
  if (asked === undefined) return false;
  const script = asked.open.get(no);
  if (script === undefined) return true;
  schedule.agents.delete(queueId);
  schedule.cancel(queueId);
  const waitMs = schedule.since(queueId) ?? 0;
  schedule.later(0, queueId, (atMs) => ({
    type: 'queue_connected',
    queueId,
    callId: null,
    callerNo: no,
    waitMs,
    atMs,
  }));
  schedule.later(script.talkMs ?? TALK_MS, queueId, (atMs) => ({ type: 'queue_left', queueId, reason: 'ended', atMs }));
  return true;
}

/** False: it is no agent who is asked. */
export function hangUpAgent({ transferId: queueId, no }: CalleeLeg, schedule: Schedule): boolean {
  const asked = schedule.agents.get(queueId);
  if (asked === undefined) return false;
  if (asked.open.has(no)) schedule.later(0, queueId, (atMs) => gone(asked, no, atMs, schedule));
  return true;
}

function ringNext(asked: AskedAgents, inMs: number, schedule: Schedule): void {
  const rung = asked.left.splice(0, asked.order === 'simultaneous' ? asked.left.length : 1);
  for (const fate of rung) ring(asked, fate, inMs, schedule);
}

function ring(asked: AskedAgents, { no, outcome, afterMs, script }: AgentFate, inMs: number, schedule: Schedule): void {
  const { queueId, order, open } = asked;
  if (afterMs > RINGS_AFTER_MS)
    schedule.later(inMs + RINGS_AFTER_MS, queueId, (atMs) => told(asked, no, 'ringing', atMs));
  schedule.later(inMs + afterMs, queueId, (atMs): Input => {
    if (outcome === 'answer') {
      open.set(no, script);
      if (script.declines === true)
        schedule.later(DECLINES_AFTER_MS, queueId, (nowMs) => gone(asked, no, nowMs, schedule));
      return { type: 'callee_answered', leg: { transferId: queueId, no }, atMs };
    }
    if (order !== 'simultaneous') ringNext(asked, 0, schedule);
    return told(asked, no, outcome, atMs);
  });
}

/** An agent is not there any more; one who is hung up already goes once. */
function gone(asked: AskedAgents, no: string, atMs: number, schedule: Schedule): Input {
  const { queueId, order, open } = asked;
  if (open.delete(no)) {
    schedule.later(0, queueId, (nowMs) => told(asked, no, 'no-answer', nowMs));
    if (order !== 'simultaneous') ringNext(asked, 0, schedule);
  }
  return { type: 'callee_ended', leg: { transferId: queueId, no }, atMs };
}

function told(
  { queueId }: AskedAgents,
  no: string,
  stage: Extract<Input, { type: 'queue_agent' }>['stage'],
  atMs: number,
): Input {
  return { type: 'queue_agent', queueId, no, stage, error: null, atMs };
}
