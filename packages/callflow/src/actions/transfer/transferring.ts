import { backgroundOf } from '../../interpreter/background.ts';
import { dropEvents, type EventRange, eventNow, raise } from '../../interpreter/events.ts';
import { takeLegs } from '../../interpreter/legs.ts';
import { stopRecording } from '../../interpreter/recordings.ts';
import { askForAnswer, ringTimeLeft } from '../../interpreter/ringing.ts';
import { cancelTimer, emitWhileUp, newId, report, type Step, setTimer } from '../../interpreter/step.ts';
import type { TransferStatus } from '../../io.ts';
import type { Instruction } from '../../program/program.ts';
import { type ActionInput, CONTINUE, type Outcome } from '../action.ts';
import { type BackgroundRecording, beginRecording } from '../record/recording-options.ts';
import { type AskedCallee, dropAsked, onCalleeInput, type Screening } from './screening.ts';

/** What stays the same over all attempts of one TRANSFER, and what is left to try. */
type Plan = {
  /** Of one after the other: those to be tried yet. */
  later: string[][];
  callerIdNo: string | null;
  ringTimeoutMs: number;
  hangupOnStar: boolean;
  maxTimeMs: number | null;
  /** How the conversation is recorded; null: it is not. */
  record: BackgroundRecording | null;
  /** What callees hear and must do before they are connected; null: nothing, or nobody is to be connected any more. */
  screening: Screening | null;
  /** Of the attempts so far. */
  best: TransferStatus;
};

/** A TRANSFER under way: somebody rings (`answeredBy` null), or talks, or is being hung up, or all is `over`. */
export type Transferring = Plan & {
  transferId: string;
  /** Callees that have answered and are not connected. */
  asked: AskedCallee[];
  answeredBy: string | null;
  answeredAtMs: number | null;
  timerId: string | null;
  recordingId: string | null;
  isOver: boolean;
};

type Ranges = { onAnswer: EventRange | null; onEnd: EventRange | null };

/** A loop that only rings numbers that cannot be reached must not go on for ever. */
const STEPS_OF_A_FAILED_TRANSFER = 200;

/** Rings the targets at once; passes over the TRANSFER when the flow may not ring any of them. */
export function ring(step: Step, instruction: Instruction, targets: string[], plan: Plan): Outcome<Transferring> {
  const begun = attempt(step, instruction, targets, plan);
  if (begun === null) step.call.stepsWithoutWait += STEPS_OF_A_FAILED_TRANSFER;
  return begun ?? CONTINUE;
}

/** Null: the flow may not ring any of them. */
function attempt(step: Step, instruction: Instruction, wanted: string[], plan: Plan): Outcome<Transferring> | null {
  const targets = takeLegs(step, instruction, wanted);
  if (targets.length === 0) return null;
  const transferId = newId(step, 'x');
  const ringTimeoutMs = Math.min(plan.ringTimeoutMs, ringTimeLeft(step));
  step.call.joined = { kind: 'transfer', id: transferId };
  report(step, 'progress', instruction, `calling ${targets.join(', ')}`, { targets });
  const screened = plan.screening === null ? {} : { screened: true as const };
  step.effects.push({ type: 'transfer', transferId, targets, callerIdNo: plan.callerIdNo, ringTimeoutMs, ...screened });
  const wait: Transferring = {
    ...plan,
    transferId,
    asked: [],
    answeredBy: null,
    answeredAtMs: null,
    timerId: null,
    recordingId: null,
    isOver: false,
  };
  return { kind: 'wait', wait };
}

export function onTransferInput(
  step: Step,
  instruction: Instruction,
  transferring: Transferring,
  input: ActionInput,
  ranges: Ranges,
): Outcome<Transferring> | null {
  const { transferId, timerId } = transferring;
  const asked = onCalleeInput(step, instruction, transferring, input);
  if (asked !== null) return { kind: 'wait', wait: { ...transferring, asked } };
  switch (input.type) {
    case 'digit':
      if (!transferring.hangupOnStar || input.digit !== '*' || transferring.isOver) return null;
      report(step, 'progress', instruction, 'the caller ends the transfer with *');
      return hangUpFarSide(step, transferring);
    case 'timer':
      if (timerId === null || input.timerId !== timerId) return null;
      report(step, 'progress', instruction, `the longest time of ${transferring.maxTimeMs} ms is over`);
      return hangUpFarSide(step, { ...transferring, timerId: null });
    case 'transfer_progress':
      if (input.transferId !== transferId) return null;
      report(step, 'progress', instruction, `${input.no}: ${input.stage === 'ringing' ? 'ringing' : 'early media'}`, {
        no: input.no,
        stage: input.stage,
      });
      return { kind: 'wait', wait: transferring };
    case 'transfer_answered':
      if (input.transferId !== transferId || transferring.answeredBy !== null) return null;
      return answered(step, instruction, transferring, input.no, ranges);
    case 'transfer_ended':
      if (input.transferId !== transferId) return null;
      return ended(step, instruction, transferring, input, ranges);
    default:
      return null;
  }
}

export function abandonTransfer(step: Step, transferring: Transferring): void {
  const { transferId, answeredBy, isOver } = transferring;
  if (isOver) return;
  emitWhileUp(step, { type: 'end_transfer', transferId });
  close(step, transferring, answeredBy === null ? 'canceled' : 'completed');
}

/** Nothing more is tried; `transfer_ended` is still awaited. */
function hangUpFarSide(step: Step, transferring: Transferring): Outcome<Transferring> {
  const { transferId, answeredBy, timerId } = transferring;
  if (timerId !== null) cancelTimer(step, timerId);
  dropAsked(step, transferring);
  emitWhileUp(step, { type: 'end_transfer', transferId });
  const best = answeredBy === null ? 'canceled' : transferring.best;
  const over = { timerId: null, later: [], screening: null, asked: [], hangupOnStar: false };
  return { kind: 'wait', wait: { ...transferring, ...over, best } };
}

function answered(
  step: Step,
  instruction: Instruction,
  transferring: Transferring,
  no: string,
  { onAnswer }: Ranges,
): Outcome<Transferring> {
  const { call } = step;
  const { maxTimeMs, transferId } = transferring;
  dropAsked(step, transferring);
  const happened = transferring.screening === null ? 'answered' : 'is connected';
  report(step, 'progress', instruction, `${no} ${happened}`, { no });
  if (call.answeredAtMs === null) askForAnswer(step);
  call.transfer = { status: 'completed', no, durationMs: 0 };
  if (onAnswer !== null) raise(step, instruction, eventNow(step, 'on_answer', transferId, onAnswer));
  const timerId = maxTimeMs === null ? null : setTimer(step, maxTimeMs);
  const recordingId = beginRecording(step, instruction, transferring.record);
  const talking = {
    answeredBy: no,
    answeredAtMs: call.nowMs,
    timerId,
    recordingId,
    later: [],
    screening: null,
    asked: [],
  };
  return { kind: 'wait', wait: { ...transferring, ...talking } };
}

function ended(
  step: Step,
  instruction: Instruction,
  transferring: Transferring,
  { status, sipStatus, error }: Extract<ActionInput, { type: 'transfer_ended' }>,
  { onEnd }: Ranges,
): Outcome<Transferring> {
  const { answeredBy, later } = transferring;
  const verdict = answeredBy === null ? better(transferring.best, status) : 'completed';
  if (answeredBy === null) {
    const why = error ?? (sipStatus === null ? null : `SIP status ${sipStatus}`);
    const because = why === null ? '' : ` (${why})`;
    report(step, 'progress', instruction, `not answered: ${status}${because}`, { status, sip_status: sipStatus });
    if (status === 'busy' || status === 'failed') step.call.stepsWithoutWait += STEPS_OF_A_FAILED_TRANSFER;
  } else {
    report(step, 'progress', instruction, `${answeredBy} is not connected any more`, { no: answeredBy });
  }
  close(step, transferring, verdict);
  const [next, ...rest] = later;
  if (next !== undefined && ringTimeLeft(step) > 0) {
    const again = attempt(step, instruction, next, { ...planOf(transferring), later: rest, best: verdict });
    if (again !== null) return again;
  }
  if (onEnd === null) return CONTINUE;
  return { kind: 'enter', from: onEnd.from, to: onEnd.to, wait: { ...transferring, timerId: null, isOver: true } };
}

function planOf(transferring: Transferring): Plan {
  const { callerIdNo, ringTimeoutMs, hangupOnStar, maxTimeMs, record, screening, later, best } = transferring;
  return { callerIdNo, ringTimeoutMs, hangupOnStar, maxTimeMs, record, screening, later, best };
}

/** The attempt is over; what it was about is kept for the flow. */
function close(step: Step, transferring: Transferring, status: TransferStatus): void {
  const { call } = step;
  const { transferId, timerId, recordingId, answeredBy, answeredAtMs } = transferring;
  if (timerId !== null) cancelTimer(step, timerId);
  dropAsked(step, transferring);
  const recording = recordingId === null ? undefined : backgroundOf(step, 'recording', recordingId);
  if (recording !== undefined) stopRecording(step, recording);
  const durationMs = answeredAtMs === null ? 0 : call.nowMs - answeredAtMs;
  call.transfer = { status, no: answeredBy ?? '', durationMs };
  if (call.joined?.id === transferId) call.joined = null;
  dropEvents(step, transferId);
}

const ORDER: readonly TransferStatus[] = ['failed', 'no-answer', 'busy', 'canceled', 'completed'];

function better(one: TransferStatus, other: TransferStatus): TransferStatus {
  return ORDER.indexOf(one) > ORDER.indexOf(other) ? one : other;
}
