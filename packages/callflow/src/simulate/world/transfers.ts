import type { CalleeLeg, Effect, Input, TransferStatus } from '../../io.ts';
import type { SimulatedTransfer } from '../script.ts';
import type { Schedule } from './world.ts';

const RINGS_AFTER_MS = 100;
const ANSWER_MS = 2_000;
const REFUSAL_MS = 200;
const TALK_MS = 10_000;
/** From the answer of a callee that declines until it hangs up. */
export const DECLINES_AFTER_MS = 1_000;

type TransferStart = Extract<Effect, { type: 'transfer' }>;

interface Fate {
  no: string;
  status: Exclude<TransferStatus, 'canceled'>;
  atMs: number;
  script: SimulatedTransfer;
}

/** A screened transfer whose callees decide one by one. */
export interface Screened {
  /** Those that answer, or have answered, and are not hung up. */
  open: Set<string>;
  /** Of those that do not answer: when the last of them is known, and how it goes when nobody takes the call. */
  refusedMs: number;
  status: TransferStatus;
  talkMs: ReadonlyMap<string, number>;
}

/** What happens to a number, as the script has it. */
export function scriptOf<Script extends { no?: string }>(
  no: string,
  scripts: readonly Script[],
): Script | Record<string, never> {
  return scripts.find((one) => one.no === undefined || one.no === no) ?? {};
}

/** Rings the targets: the first that answers, or takes the call when it is asked, talks as long as the script says. */
export function startTransfer(start: TransferStart, script: readonly SimulatedTransfer[], schedule: Schedule): void {
  const { transferId, targets, ringTimeoutMs } = start;
  const { later } = schedule;
  const fates = targets.map((no) => fateOf(no, script, ringTimeoutMs));
  const answers = fates.filter(({ status }) => status === 'completed').toSorted((a, b) => a.atMs - b.atMs);
  const isScreened = start.screened === true && answers.length > 0;
  const overMs = (isScreened ? null : answers[0]?.atMs) ?? Math.max(...fates.map(({ atMs }) => atMs));
  for (const { no, atMs, script: how } of fates) {
    if (Math.min(atMs, overMs) <= RINGS_AFTER_MS) continue;
    const stage = how.earlyMedia === true ? 'early_media' : 'ringing';
    later(RINGS_AFTER_MS, transferId, (nowMs) => ({ type: 'transfer_progress', transferId, no, stage, atMs: nowMs }));
  }
  const [winner] = answers;
  if (winner === undefined) later(overMs, transferId, (atMs) => ended(transferId, bestOf(fates), atMs));
  else if (isScreened) screen(transferId, fates, answers, schedule);
  else {
    later(overMs, transferId, (atMs) => ({ type: 'transfer_answered', transferId, no: winner.no, atMs }));
    later(overMs + talkMsOf(winner.script), transferId, (atMs) => ended(transferId, 'completed', atMs));
  }
}

export function endTransfer(transferId: string, { later, cancel, screened }: Schedule): void {
  const wasAsking = screened.delete(transferId);
  if (!cancel(transferId) && !wasAsking) return;
  later(0, null, (atMs) => ended(transferId, 'canceled', atMs));
}

export function connectCallee({ transferId, no }: CalleeLeg, { later, cancel, screened }: Schedule): void {
  const transfer = screened.get(transferId);
  if (transfer?.open.has(no) !== true) return;
  screened.delete(transferId);
  cancel(transferId);
  later(0, transferId, (atMs) => ({ type: 'transfer_answered', transferId, no, atMs }));
  later(transfer.talkMs.get(no) ?? TALK_MS, transferId, (atMs) => ended(transferId, 'completed', atMs));
}

export function hangUpCallee(leg: CalleeLeg, schedule: Schedule): void {
  if (schedule.screened.get(leg.transferId)?.open.has(leg.no) !== true) return;
  schedule.later(0, null, (atMs) => calleeGone(leg, atMs, schedule));
}

function screen(transferId: string, fates: Fate[], answers: Fate[], schedule: Schedule): void {
  const refusals = fates.filter(({ status }) => status !== 'completed');
  schedule.begin(transferId, 0);
  schedule.screened.set(transferId, {
    open: new Set(answers.map(({ no }) => no)),
    refusedMs: Math.max(0, ...refusals.map(({ atMs }) => atMs)),
    // Whoever answers and does not take the call has not answered.
    status: refusals.some(({ status }) => status === 'busy') ? 'busy' : 'no-answer',
    talkMs: new Map(answers.map(({ no, script }) => [no, talkMsOf(script)])),
  });
  for (const { no, atMs, script } of answers) {
    const leg = { transferId, no };
    schedule.later(atMs, transferId, (nowMs) => ({ type: 'callee_answered', leg, atMs: nowMs }));
    if (script.declines === true)
      schedule.later(atMs + DECLINES_AFTER_MS, transferId, (nowMs) => calleeGone(leg, nowMs, schedule));
  }
}

/** A callee is not there any more; when it was the last, nobody has taken the call. */
function calleeGone(leg: CalleeLeg, atMs: number, { later, since, screened }: Schedule): Input {
  const { transferId, no } = leg;
  const transfer = screened.get(transferId);
  if (transfer?.open.delete(no) === true && transfer.open.size === 0) {
    screened.delete(transferId);
    const restMs = Math.max(0, transfer.refusedMs - (since(transferId) ?? 0));
    later(restMs, transferId, (nowMs) => ended(transferId, transfer.status, nowMs));
  }
  return { type: 'callee_ended', leg, atMs };
}

function bestOf(fates: readonly Fate[]): TransferStatus {
  const status = (['busy', 'no-answer', 'failed'] as const).find((one) => fates.some((fate) => fate.status === one));
  return status ?? 'failed';
}

/** Longer than any call, when it never ends: it is there to be taken back. */
function talkMsOf({ talkMs = TALK_MS }: SimulatedTransfer): number {
  return talkMs ?? Number.POSITIVE_INFINITY;
}

function fateOf(no: string, scripts: readonly SimulatedTransfer[], ringTimeoutMs: number): Fate {
  const script = scriptOf(no, scripts);
  const outcome = script.outcome ?? 'answer';
  const atMs = script.afterMs ?? (outcome === 'answer' ? ANSWER_MS : REFUSAL_MS);
  if (outcome === 'no-answer' || atMs > ringTimeoutMs) return { no, status: 'no-answer', atMs: ringTimeoutMs, script };
  return { no, status: outcome === 'answer' ? 'completed' : outcome, atMs, script };
}

function ended(transferId: string, status: TransferStatus, atMs: number): Input {
  return { type: 'transfer_ended', transferId, status, sipStatus: null, error: null, atMs };
}
