import { type ActionInput, CONTINUE, type Outcome } from '../actions/action.ts';
import { behaviourOf, isForCallees, isForMessages } from '../actions/registry.ts';
import type { CallbackTarget, Json } from '../io.ts';
import type { Instruction } from '../program/program.ts';
import { injectedFrame, instructionAt, listAt } from './frames.ts';
import type { CallState, Frame, Strand } from './state.ts';
import { report, reportError, type Step } from './step.ts';
import {
  abandonAbove,
  abandonAction,
  abandonStrand,
  closeDropped,
  cutActionIndex,
  reportEnd,
  wholeActionIndex,
} from './strand.ts';

/** How a strand came to rest. */
export type Rest =
  | { kind: 'blocked' }
  /** An action needs media and the call is not answered; the strand goes on by {@link runStrand}. */
  | { kind: 'needs_answer' }
  | { kind: 'used_up' }
  /** A GOTO out of an event's list. */
  | { kind: 'jumps_out'; list: number | null; to: number; instruction: Instruction }
  | { kind: 'redirect'; target: CallbackTarget }
  | { kind: 'hang_up'; reason: string; sipStatus: number | null }
  /** Too many instructions without waiting. */
  | { kind: 'spinning'; path: string };

const BLOCKED: Rest = { kind: 'blocked' };
const NEEDS_ANSWER: Rest = { kind: 'needs_answer' };
const USED_UP: Rest = { kind: 'used_up' };

/** Name of the strand that runs the document. */
const MAIN = 'main';

/** Waits shorter than one audio frame are none: a loop over an empty file must not spin for ever. */
const SHORTEST_WAIT_MS = 20;

/** Runs a strand from where it stands until it rests. One that waits for something stays where it is. */
export function runStrand(step: Step, strand: Strand): Rest {
  const { call } = step;
  step.strand = strand;
  if ((strand.frames.at(-1)?.wait ?? null) !== null) return BLOCKED;
  for (;;) {
    if (call.injected.length > 0 && strand.name === MAIN) openInjected(step, strand);
    const frame = strand.frames.at(-1);
    const instruction = instructionAt(call, strand, strand.frames.length - 1);
    if (frame === undefined || instruction === undefined) return USED_UP;
    if (frame.kind === 'document' && instruction.op === 'END') return USED_UP;
    if (isSpinning(call)) return { kind: 'spinning', path: instruction.path };
    const isOver = instruction.op === 'LIST_END' || instruction.op === 'END';
    const rest = isOver ? closeList(step, strand) : perform(step, strand, frame, instruction);
    if (rest !== null) return rest;
  }
}

/** Gives an input to the innermost action of a strand that it is meant for; null when it is for none. */
export function deliver(step: Step, strand: Strand, input: ActionInput): Rest | null {
  const { call } = step;
  step.strand = strand;
  for (let index = strand.frames.length - 1; index >= 0; index -= 1) {
    const frame = strand.frames[index];
    const instruction = instructionAt(call, strand, index);
    if (frame === undefined || instruction === undefined || frame.wait === null) continue;
    step.depth = index;
    const outcome = behaviourOf(instruction.op)?.onInput?.(step, instruction, frame.wait, input) ?? null;
    step.depth = null;
    if (outcome === null) continue;
    noteWait(call, input);
    if (isSpinning(call)) {
      keepWait(frame, outcome);
      return { kind: 'spinning', path: instruction.path };
    }
    return settle(step, strand, index, instruction, outcome) ?? runStrand(step, strand);
  }
  return null;
}

/** Cuts the current action short; the strand stands before the one after it. Does nothing when none is under way. */
export function interrupt(step: Step, strand: Strand): void {
  const index = cutActionIndex(step.call, strand);
  const frame = strand.frames[index];
  const instruction = instructionAt(step.call, strand, index);
  if (frame === undefined || instruction === undefined || frame.wait === null) return;
  abandonAbove(step, strand, index);
  abandonAction(step, strand, index);
  frame.pc = instruction.next;
}

/** Opens the lists put in from outside, the first of them on top; while a COLLECT prompts they wait for its end. */
function openInjected(step: Step, strand: Strand): void {
  const { call } = step;
  if (wholeActionIndex(call, strand) !== null) return;
  for (const program of call.injected.toReversed()) strand.frames.push(injectedFrame(call, program));
  call.injected = [];
}

/**
 * A GOTO out of an event's list: what the strand has under way is cut short, and it goes on at the target. False when the
 * list of the target is not open any more.
 */
export function jumpInto(step: Step, strand: Strand, list: number | null, to: number): boolean {
  const index = strand.frames.findLastIndex(
    (frame, at) => listAt(strand, at) === list && to >= frame.from && to <= frame.to,
  );
  const frame = strand.frames[index];
  if (frame === undefined) return false;
  abandonAbove(step, strand, index);
  abandonAction(step, strand, index);
  frame.pc = to;
  return true;
}

function isSpinning(call: CallState): boolean {
  call.stepsWithoutWait += 1;
  return call.stepsWithoutWait > call.settings.maxStepsWithoutWait;
}

/** A real wait is over when time has passed and nothing failed: from here on the count of steps begins anew. */
function noteWait(call: CallState, input: ActionInput): void {
  if (isNoWait(input) || call.nowMs - call.blockedAtMs < SHORTEST_WAIT_MS) return;
  call.stepsWithoutWait = 0;
  call.idleCallbacks = 0;
  call.lastLoopPath = null;
}

/** Failures and news of what goes on end no wait. */
function isNoWait(input: ActionInput): boolean {
  switch (input.type) {
    case 'playback_failed':
    case 'recording_failed':
    case 'stream_failed':
    case 'detection_failed':
    case 'listening_failed':
    case 'heard_again':
    case 'http_failed':
    case 'conference_refused':
    case 'queue_refused':
    case 'transfer_progress':
      return true;
    case 'transfer_ended':
      return input.status === 'busy' || input.status === 'failed';
    case 'digits_sent':
      return input.error !== null;
    default:
      return false;
  }
}

function perform(step: Step, strand: Strand, frame: Frame, instruction: Instruction): Rest | null {
  if (instruction.op === 'JUMP') {
    frame.pc = instruction.next;
    return null;
  }
  const behaviour = behaviourOf(instruction.op);
  if (behaviour === undefined) {
    frame.pc = instruction.next;
    return null;
  }
  if (step.call.message !== null && !isForMessages(instruction.op)) {
    reportError(step, instruction, `${instruction.op} needs a call; for a text message it is left out`);
    frame.pc = instruction.next;
    return null;
  }
  if (strand.leg !== null && !isForCallees(instruction.op)) {
    reportError(step, instruction, `${instruction.op} is not for a callee that is not connected; it is left out`);
    frame.pc = instruction.next;
    return null;
  }
  if (behaviour.needsMedia && step.call.answeredAtMs === null && strand.leg === null) return NEEDS_ANSWER;
  if (instruction.action !== null) report(step, 'action_started', instruction, `${instruction.action} started`);
  frame.startedAtMs = step.call.nowMs;
  const outcome = behaviour.start(step, instruction);
  return settle(step, strand, strand.frames.length - 1, instruction, outcome);
}

/** Carries out what the action of frame `index` wants. Null: the strand runs on. */
function settle(
  step: Step,
  strand: Strand,
  index: number,
  instruction: Instruction,
  outcome: Outcome<Json>,
): Rest | null {
  closeDropped(step);
  const frame = strand.frames[index];
  if (frame === undefined) return USED_UP;
  if (outcome.kind === 'wait') {
    frame.wait = outcome.wait;
    if (outcome.interrupt === true) abandonAbove(step, strand, index);
    step.call.blockedAtMs = step.call.nowMs;
    return BLOCKED;
  }
  if (outcome.kind === 'cut') {
    frame.wait = outcome.wait;
    abandonAbove(step, strand, index);
    const next = behaviourOf(instruction.op)?.onListEnded?.(step, instruction, outcome.wait) ?? CONTINUE;
    return settle(step, strand, index, instruction, next);
  }
  if (outcome.kind === 'enter') {
    const { from, to, wait, locals = null } = outcome;
    const kind = outcome.as ?? 'nested';
    abandonAbove(step, strand, index);
    frame.wait = wait;
    const startedAtMs = step.call.nowMs;
    strand.frames.push({ kind, program: null, list: null, pc: from, from, to, startedAtMs, wait: null, locals });
    return null;
  }
  abandonAbove(step, strand, index);
  frame.wait = null;
  reportEnd(step, frame, instruction, false);
  switch (outcome.kind) {
    case 'continue':
      frame.pc = instruction.next;
      return null;
    case 'jump':
      return jump(step, strand, instruction, outcome.to);
    case 'return':
      skipRest(step, strand, ['flow', 'injected', 'document', 'event']);
      return null;
    case 'leave':
      skipRest(step, strand, ['injected', 'document', 'event']);
      return null;
    default:
      abandonStrand(step, strand);
      return outcome;
  }
}

/** Goes to the end of the innermost open list of one of these kinds, putting away what is open inside it. */
function skipRest(step: Step, strand: Strand, kinds: Frame['kind'][]): void {
  const index = Math.max(
    0,
    strand.frames.findLastIndex((frame) => kinds.includes(frame.kind)),
  );
  abandonAbove(step, strand, index);
  abandonAction(step, strand, index);
  const frame = strand.frames[index];
  if (frame !== undefined) frame.pc = frame.to;
}

/** The innermost list is over: the action that started it goes on, or what stood below when it came from outside. */
function closeList(step: Step, strand: Strand): Rest | null {
  const closed = strand.frames.pop();
  const index = strand.frames.length - 1;
  const frame = strand.frames[index];
  const instruction = instructionAt(step.call, strand, index);
  if (closed === undefined || frame === undefined || instruction === undefined) return USED_UP;
  if (closed.kind === 'injected') return null;
  const outcome = behaviourOf(instruction.op)?.onListEnded?.(step, instruction, frame.wait) ?? CONTINUE;
  return settle(step, strand, index, instruction, outcome);
}

function jump(step: Step, strand: Strand, instruction: Instruction, to: number): Rest | null {
  for (;;) {
    const top = strand.frames.at(-1);
    if (top === undefined) return null;
    const isWithin = to >= top.from && to <= top.to;
    if (!isWithin && top.kind === 'event') return { kind: 'jumps_out', list: top.list, to, instruction };
    if (isWithin || strand.frames.length === 1) {
      if (to <= top.pc) step.call.lastLoopPath = instruction.path;
      top.pc = to;
      return null;
    }
    strand.frames.pop();
    abandonAction(step, strand, strand.frames.length - 1);
  }
}

function keepWait(frame: Frame, outcome: Outcome<Json>): void {
  if ('wait' in outcome) frame.wait = outcome.wait;
  else frame.wait = null;
}
