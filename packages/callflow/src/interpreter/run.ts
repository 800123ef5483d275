import type { ActionInput, Behaviour, Outcome } from '../actions/action.ts';
import { behaviourOf } from '../actions/registry.ts';
import type { CallbackTarget, Json } from '../io.ts';
import type { Instruction } from '../program/program.ts';
import type { CallState, Frame, Strand } from './state.ts';
import { report, type Step } from './step.ts';

/** How a strand came to rest. */
export type Rest =
  | { kind: 'blocked' }
  /** An action needs media and the call is not answered; the strand goes on by {@link runStrand}. */
  | { kind: 'needs_answer' }
  | { kind: 'used_up' }
  | { kind: 'redirect'; target: CallbackTarget }
  | { kind: 'hang_up'; reason: string }
  /** Too many instructions without waiting. */
  | { kind: 'spinning'; path: string };

const BLOCKED: Rest = { kind: 'blocked' };
const NEEDS_ANSWER: Rest = { kind: 'needs_answer' };
const USED_UP: Rest = { kind: 'used_up' };

/** Waits shorter than one audio frame are none: a loop over an empty file must not spin for ever. */
const SHORTEST_WAIT_MS = 20;

/** A strand at the start of the loaded program. */
export function newStrand(call: CallState, name: string): Strand {
  const last = (call.program?.instructions.length ?? 0) - 1;
  return { name, frames: [{ pc: 0, from: 0, to: last, startedAtMs: call.nowMs, wait: null }] };
}

/** Runs a strand from where it stands until it rests. One that waits for something stays where it is. */
export function runStrand(step: Step, strand: Strand): Rest {
  const { call } = step;
  if ((strand.frames.at(-1)?.wait ?? null) !== null) return BLOCKED;
  for (;;) {
    const frame = strand.frames.at(-1);
    const instruction = frame && call.program?.instructions[frame.pc];
    if (frame === undefined || instruction === undefined || instruction.op === 'END') return USED_UP;
    if (isSpinning(call)) return { kind: 'spinning', path: instruction.path };
    const rest = instruction.op === 'LIST_END' ? returnFrom(step, strand) : perform(step, strand, frame, instruction);
    if (rest !== null) return rest;
  }
}

/** Gives an input to the innermost action of a strand that it is meant for; null when it is for none. */
export function deliver(step: Step, strand: Strand, input: ActionInput): Rest | null {
  const { call } = step;
  for (let index = strand.frames.length - 1; index >= 0; index -= 1) {
    const frame = strand.frames[index];
    const instruction = frame && call.program?.instructions[frame.pc];
    if (frame === undefined || instruction === undefined || frame.wait === null) continue;
    const outcome = behaviourOf(instruction.op)?.onInput?.(step, instruction, frame.wait, input) ?? null;
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

/** Puts away everything a strand has under way, innermost first. */
export function abandonStrand(step: Step, strand: Strand): void {
  abandonAbove(step, strand, -1);
}

function isSpinning(call: CallState): boolean {
  call.stepsWithoutWait += 1;
  return call.stepsWithoutWait > call.settings.maxStepsWithoutWait;
}

/** A real wait is over when time has passed and nothing failed: from here on the count of steps begins anew. */
function noteWait(call: CallState, input: ActionInput): void {
  if (input.type === 'playback_failed' || call.nowMs - call.blockedAtMs < SHORTEST_WAIT_MS) return;
  call.stepsWithoutWait = 0;
  call.idleCallbacks = 0;
  call.lastLoopPath = null;
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
  if (behaviour.needsMedia && step.call.answeredAtMs === null) return NEEDS_ANSWER;
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
  const frame = strand.frames[index];
  if (frame === undefined) return USED_UP;
  if (outcome.kind === 'wait') {
    frame.wait = outcome.wait;
    if (outcome.interrupt === true) abandonAbove(step, strand, index);
    step.call.blockedAtMs = step.call.nowMs;
    return BLOCKED;
  }
  if (outcome.kind === 'enter') {
    const { from, to } = outcome;
    frame.wait = outcome.wait;
    strand.frames.push({ pc: from, from, to, startedAtMs: step.call.nowMs, wait: null });
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
      jump(step, strand, instruction, outcome.to);
      return null;
    case 'leave':
      abandonStrand(step, strand);
      return USED_UP;
    default:
      abandonStrand(step, strand);
      return outcome;
  }
}

function returnFrom(step: Step, strand: Strand): Rest | null {
  strand.frames.pop();
  const index = strand.frames.length - 1;
  const frame = strand.frames[index];
  const instruction = frame && step.call.program?.instructions[frame.pc];
  if (frame === undefined || instruction === undefined) return USED_UP;
  const outcome = behaviourOf(instruction.op)?.onListEnded?.(step, instruction, frame.wait);
  if (outcome === undefined) {
    frame.wait = null;
    frame.pc = instruction.next;
    return null;
  }
  return settle(step, strand, index, instruction, outcome);
}

function jump(step: Step, strand: Strand, instruction: Instruction, to: number): void {
  for (;;) {
    const top = strand.frames.at(-1);
    if (top === undefined) return;
    if (strand.frames.length === 1 || (to >= top.from && to <= top.to)) {
      if (to <= top.pc) step.call.lastLoopPath = instruction.path;
      top.pc = to;
      return;
    }
    strand.frames.pop();
    const owner = strand.frames.at(-1);
    if (owner !== undefined) abandonFrame(step, owner);
  }
}

function abandonAbove(step: Step, strand: Strand, index: number): void {
  for (let top = strand.frames.length - 1; top > index; top -= 1) {
    const frame = strand.frames[top];
    if (frame !== undefined) abandonFrame(step, frame);
    if (top > 0) strand.frames.pop();
  }
}

function abandonFrame(step: Step, frame: Frame): void {
  const { wait } = frame;
  const instruction = step.call.program?.instructions[frame.pc];
  if (wait === null || instruction === undefined) return;
  frame.wait = null;
  const behaviour: Behaviour<Json, Json> | undefined = behaviourOf(instruction.op);
  behaviour?.abandon?.(step, instruction, wait);
  reportEnd(step, frame, instruction, true);
}

function keepWait(frame: Frame, outcome: Outcome<Json>): void {
  if (outcome.kind === 'wait' || outcome.kind === 'enter') frame.wait = outcome.wait;
  else frame.wait = null;
}

function reportEnd(step: Step, frame: Frame, instruction: Instruction, interrupted: boolean): void {
  if (instruction.action === null) return;
  const message = `${instruction.action} ${interrupted ? 'interrupted' : 'ended'}`;
  const duration_ms = step.call.nowMs - frame.startedAtMs;
  report(step, 'action_ended', instruction, message, { duration_ms, interrupted });
}
