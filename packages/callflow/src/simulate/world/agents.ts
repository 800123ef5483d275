import type { Effect, Input, QueueAgents } from '../../io.ts';
import type { SimulatedAgent } from '../script.ts';
import { scriptOf } from './transfers.ts';

export const RINGS_AFTER_MS = 100;
const ANSWER_MS = 2_000;
const REFUSAL_MS = 200;

/** What becomes of an agent who is rung, from then on. */
export interface AgentFate {
  no: string;
  outcome: NonNullable<SimulatedAgent['outcome']>;
  afterMs: number;
  script: SimulatedAgent;
}

type QueueId = Extract<Effect, { type: 'enter_queue' }>['queueId'];
type Note = (delayMs: number, make: (atMs: number) => Input) => void;

/**
 * Rings the agents of a call whose turn has come. Gives when the first answers, and who that is; null when nobody does:
 * since all do the same each time, nobody ever will.
 */
export function ringAgents(
  queueId: QueueId,
  { targets, order, ringTimeoutMs }: QueueAgents,
  scripts: readonly SimulatedAgent[],
  note: Note,
): { afterMs: number; by: SimulatedAgent & { no: string } } | null {
  const fates = targets.map((no) => fateOf(no, scripts, ringTimeoutMs));
  let rungAtMs = 0;
  const rung: { fate: AgentFate; rungAtMs: number; overMs: number }[] = [];
  for (const fate of fates) {
    const overMs = rungAtMs + fate.afterMs;
    rung.push({ fate, rungAtMs, overMs });
    if (order === 'simultaneous') continue;
    if (fate.outcome === 'answer') break;
    rungAtMs = overMs;
  }
  const [winner] = rung.filter(({ fate }) => fate.outcome === 'answer').toSorted((a, b) => a.overMs - b.overMs);
  const isNews = (atMs: number) => winner === undefined || atMs < winner.overMs;
  const tell = (no: string, stage: 'ringing' | 'busy' | 'no-answer' | 'failed', inMs: number) =>
    note(inMs, (atMs) => ({ type: 'queue_agent', queueId, no, stage, error: null, atMs }));
  for (const { fate, rungAtMs, overMs } of rung) {
    const { no, outcome, afterMs } = fate;
    if (afterMs > RINGS_AFTER_MS && isNews(rungAtMs + RINGS_AFTER_MS)) tell(no, 'ringing', rungAtMs + RINGS_AFTER_MS);
    if (outcome !== 'answer' && isNews(overMs)) tell(no, outcome, overMs);
  }
  if (winner === undefined) return null;
  return { afterMs: winner.overMs, by: { ...winner.fate.script, no: winner.fate.no } };
}

/** What the script has for an agent. */
export function fateOf(no: string, scripts: readonly SimulatedAgent[], ringTimeoutMs: number): AgentFate {
  const script = scriptOf(no, scripts);
  const outcome = script.outcome ?? 'answer';
  const afterMs = script.afterMs ?? (outcome === 'answer' ? ANSWER_MS : REFUSAL_MS);
  if (outcome !== 'no-answer' && afterMs <= ringTimeoutMs) return { no, outcome, afterMs, script };
  return { no, outcome: 'no-answer', afterMs: ringTimeoutMs, script };
}
