import { dropEvents, type EventRange, eventNow, raise } from '../../interpreter/events.ts';
import type { QueueState } from '../../interpreter/state.ts';
import { cancelTimer, emitWhileUp, report, type Step } from '../../interpreter/step.ts';
import type { Instruction } from '../../program/program.ts';
import { type ActionInput, CONTINUE, type Outcome } from '../action.ts';
import type { EventRanges } from '../events/events.ts';
import { type AskedCallee, dropAsked, onCalleeInput, type Screening } from '../transfer/screening.ts';

/** A QUEUE under way. `roundMs` is when its treatment began last; `timerId` runs while it waits. */
export type Queueing = {
  queueId: string;
  name: string;
  stage: 'waiting' | 'connected' | 'over';
  timerId: string | null;
  roundMs: number;
  /** What agents hear and must do before they are connected; null: nothing. */
  screening: Screening | null;
  /** Agents who have answered and are not connected. */
  asked: AskedCallee[];
};

type Of<Type extends ActionInput['type']> = Extract<ActionInput, { type: Type }>;

/** So that a loop around a queue that is full, or cannot be had, ends. */
const STEPS_OF_A_REFUSAL = 200;

/** Runs the treatment while the call waits. One that takes no time is not run again: it would spin. */
export function treatAgain(step: Step, queueing: Queueing, treatment: EventRange | null): Outcome<Queueing> {
  const { nowMs } = step.call;
  if (queueing.stage === 'over') return CONTINUE;
  if (queueing.stage === 'connected' || treatment === null || queueing.roundMs === nowMs) {
    return { kind: 'wait', wait: queueing };
  }
  return { kind: 'enter', from: treatment.from, to: treatment.to, wait: { ...queueing, roundMs: nowMs } };
}

export function onQueueInput(
  step: Step,
  instruction: Instruction,
  queueing: Queueing,
  input: ActionInput,
  { treatment, events }: { treatment: EventRange | null; events: EventRanges },
): Outcome<Queueing> | null {
  const { queueId, stage, timerId } = queueing;
  if (stage === 'over') return null;
  const asked = onCalleeInput(step, instruction, screened(queueing), input);
  if (asked !== null) return { kind: 'wait', wait: { ...queueing, asked } };
  if (input.type === 'timer') {
    if (timerId === null || input.timerId !== timerId) return null;
    report(step, 'progress', instruction, `nobody connected in time: out of the queue ${queueing.name}`);
    step.effects.push({ type: 'leave_queue', queueId });
    return close(step, { ...queueing, timerId: null }, 'timeout', events);
  }
  if (!('queueId' in input) || input.queueId !== queueId) return null;
  switch (input.type) {
    case 'queue_position':
      return moved(step, instruction, queueing, input, treatment, events);
    case 'queue_refused':
      return refused(step, instruction, queueing, input, events);
    case 'queue_agent':
      return agentRung(step, instruction, input);
    case 'queue_connected':
      return connected(step, instruction, queueing, input, events);
    case 'queue_left':
      report(step, 'progress', instruction, `out of the queue ${queueing.name}`);
      return close(step, queueing, stage === 'connected' ? 'connected' : 'left', events);
  }
}

export function abandonQueue(step: Step, queueing: Queueing): void {
  const { queueId, stage } = queueing;
  if (stage === 'over') return;
  emitWhileUp(step, { type: 'leave_queue', queueId });
  putAway(step, queueing, stage === 'connected' ? 'connected' : 'left');
}

/** The legs of its agents are known by the id of the queue, as those of a transfer are by its. */
function screened(queueing: Queueing) {
  return { ...queueing, transferId: queueing.queueId };
}

function moved(
  step: Step,
  instruction: Instruction,
  queueing: Queueing,
  { position, size }: Of<'queue_position'>,
  treatment: EventRange | null,
  { on_enter, on_position }: EventRanges,
): Outcome<Queueing> | null {
  const { call } = step;
  const { name, queueId } = queueing;
  const before = call.queue?.position ?? 0;
  const isFirst = before === 0;
  if (call.queue !== null) call.queue = { ...call.queue, position, size };
  report(step, 'progress', instruction, `in the queue ${name}: ${position} of ${size}`, { position, size });
  if (isFirst && on_enter !== undefined) raise(step, instruction, eventNow(step, 'on_enter', queueId, on_enter));
  if (!isFirst && position !== before && on_position !== undefined)
    raise(step, instruction, eventNow(step, 'on_position', queueId, on_position));
  // It may speak of the place, so it begins when that is known; afterwards it goes on undisturbed.
  return isFirst ? treatAgain(step, queueing, treatment) : null;
}

function agentRung(step: Step, instruction: Instruction, { no, stage, error }: Of<'queue_agent'>): null {
  report(step, 'progress', instruction, `${no}: ${stage}${error === null ? '' : ` (${error})`}`, { no, stage, error });
  return null;
}

function refused(
  step: Step,
  instruction: Instruction,
  queueing: Queueing,
  { reason }: Of<'queue_refused'>,
  { on_enter_error_max_size: full }: EventRanges,
): Outcome<Queueing> {
  step.call.stepsWithoutWait += STEPS_OF_A_REFUSAL;
  const isFull = reason === 'max_size';
  report(step, 'progress', instruction, `not in the queue ${queueing.name}: ${isFull ? 'it is full' : reason}`, {
    reason,
  });
  return close(step, queueing, isFull ? 'full' : 'failed', isFull && full !== undefined ? { on_exit: full } : {});
}

function connected(
  step: Step,
  instruction: Instruction,
  queueing: Queueing,
  { callerNo, waitMs }: Of<'queue_connected'>,
  { on_connect }: EventRanges,
): Outcome<Queueing> {
  const { call } = step;
  const { queueId, timerId } = queueing;
  if (timerId !== null) cancelTimer(step, timerId);
  dropAsked(step, screened(queueing));
  if (call.queue !== null) call.queue = { ...call.queue, status: 'connected', position: 0, waitMs, no: callerNo };
  report(step, 'progress', instruction, `connected with ${callerNo}`, { no: callerNo, wait_ms: waitMs });
  if (on_connect !== undefined) raise(step, instruction, eventNow(step, 'on_connect', queueId, on_connect));
  return { kind: 'cut', wait: { ...queueing, stage: 'connected', timerId: null, screening: null, asked: [] } };
}

function close(
  step: Step,
  queueing: Queueing,
  status: QueueState['status'],
  { on_exit }: EventRanges,
): Outcome<Queueing> {
  putAway(step, queueing, status);
  const over: Queueing = { ...queueing, stage: 'over', timerId: null, screening: null, asked: [] };
  if (on_exit === undefined) return CONTINUE;
  return { kind: 'enter', from: on_exit.from, to: on_exit.to, wait: over };
}

function putAway(step: Step, queueing: Queueing, status: QueueState['status']): void {
  const { call } = step;
  const { queueId, timerId } = queueing;
  dropAsked(step, screened(queueing));
  if (timerId !== null) cancelTimer(step, timerId);
  if (call.queue !== null) {
    call.queue = { ...call.queue, status, position: 0, waitMs: call.queue.waitMs ?? call.nowMs - call.queue.sinceMs };
  }
  if (call.joined?.id === queueId) call.joined = null;
  dropEvents(step, queueId);
}
