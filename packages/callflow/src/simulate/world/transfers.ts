import type { Effect, Input, TransferStatus } from '../../io.ts';
import type { SimulatedTransfer } from '../script.ts';
import type { Schedule } from './world.ts';

const RINGS_AFTER_MS = 100;
const ANSWER_MS = 2_000;
const REFUSAL_MS = 200;
const TALK_MS = 10_000;

type TransferStart = Extract<Effect, { type: 'transfer' }>;

interface Fate {
  no: string;
  status: Exclude<TransferStatus, 'canceled'>;
  atMs: number;
  script: SimulatedTransfer;
}

/** Rings the targets: the first that answers talks as long as the script says. */
export function startTransfer(
  { transferId, targets, ringTimeoutMs }: TransferStart,
  script: readonly SimulatedTransfer[],
  { later }: Schedule,
): void {
  const fates = targets.map((no) => fateOf(no, script, ringTimeoutMs));
  const answers = fates.filter(({ status }) => status === 'completed');
  const winner = answers.toSorted((a, b) => a.atMs - b.atMs)[0];
  const overMs = winner?.atMs ?? Math.max(...fates.map(({ atMs }) => atMs));
  for (const { no, atMs, script: how } of fates) {
    if (Math.min(atMs, overMs) <= RINGS_AFTER_MS) continue;
    const stage = how.earlyMedia === true ? 'early_media' : 'ringing';
    later(RINGS_AFTER_MS, transferId, (nowMs) => ({ type: 'transfer_progress', transferId, no, stage, atMs: nowMs }));
  }
  if (winner === undefined) {
    const status = (['busy', 'no-answer', 'failed'] as const).find((one) => fates.some((fate) => fate.status === one));
    later(overMs, transferId, (atMs) => ended(transferId, status ?? 'failed', atMs));
    return;
  }
  const { no } = winner;
  later(overMs, transferId, (atMs) => ({ type: 'transfer_answered', transferId, no, atMs }));
  const talkMs = winner.script.talkMs === undefined ? TALK_MS : winner.script.talkMs;
  // Longer than any call: it is there to be taken back.
  later(overMs + (talkMs ?? Number.MAX_SAFE_INTEGER), transferId, (atMs) => ended(transferId, 'completed', atMs));
}

export function endTransfer(transferId: string, { later, cancel }: Schedule): void {
  if (!cancel(transferId)) return;
  later(0, null, (atMs) => ended(transferId, 'canceled', atMs));
}

function fateOf(no: string, scripts: readonly SimulatedTransfer[], ringTimeoutMs: number): Fate {
  const script = scripts.find((one) => one.no === undefined || one.no === no) ?? {};
  const outcome = script.outcome ?? 'answer';
  const atMs = script.afterMs ?? (outcome === 'answer' ? ANSWER_MS : REFUSAL_MS);
  if (outcome === 'no-answer' || atMs > ringTimeoutMs) return { no, status: 'no-answer', atMs: ringTimeoutMs, script };
  return { no, status: outcome === 'answer' ? 'completed' : outcome, atMs, script };
}

function ended(transferId: string, status: TransferStatus, atMs: number): Input {
  return { type: 'transfer_ended', transferId, status, sipStatus: null, error: null, atMs };
}
