import type { Behaviour } from '../actions/action.ts';
import { behaviourOf } from '../actions/registry.ts';
import type { Json } from '../io.ts';
import type { Instruction } from '../program/program.ts';
import { instructionAt } from './frames.ts';
import type { CallState, Frame, Strand } from './state.ts';
import { report, type Step } from './step.ts';

/** The frame of the action that is one with the list it runs (a COLLECT in its prompt); null when there is none. */
export function wholeActionIndex(call: CallState, strand: Strand): number | null {
  for (let index = 0; index < strand.frames.length - 1; index += 1) {
    if (strand.frames[index]?.wait === null) continue;
    if (behaviourAt(call, strand, index)?.isOneWithItsList === true) return index;
  }
  return null;
}

/** The frame of the action that is meant when what a strand has under way is cut short from outside. */
export function cutActionIndex(call: CallState, strand: Strand): number {
  const waiting = strand.frames.findIndex(
    ({ wait }, index) => wait !== null && behaviourAt(call, strand, index)?.isCutWhole?.(wait) === true,
  );
  if (waiting >= 0) return waiting;
  return wholeActionIndex(call, strand) ?? strand.frames.length - 1;
}

function behaviourAt(call: CallState, strand: Strand, index: number): Behaviour<Json, Json> | undefined {
  const instruction = instructionAt(call, strand, index);
  return instruction && behaviourOf(instruction.op);
}

/** Puts away everything a strand has under way, innermost first. */
export function abandonStrand(step: Step, strand: Strand): void {
  abandonAbove(step, strand, -1);
}

/** Closes the lists above a frame, innermost first; the frame's own action goes on. */
export function abandonAbove(step: Step, strand: Strand, index: number): void {
  for (let top = strand.frames.length - 1; top > index; top -= 1) {
    abandonAction(step, strand, top);
    strand.frames.pop();
  }
}

/** Cuts short what a frame has under way; the lists above it must be closed already. */
export function abandonAction(step: Step, strand: Strand, index: number): void {
  const frame = strand.frames[index];
  const instruction = instructionAt(step.call, strand, index);
  if (frame === undefined || instruction === undefined || frame.wait === null) return;
  const { wait } = frame;
  frame.wait = null;
  const running = step.strand;
  step.strand = strand;
  behaviourOf(instruction.op)?.abandon?.(step, instruction, wait);
  reportEnd(step, frame, instruction, true);
  step.strand = running;
  closeDropped(step);
}

/** Puts away what callees hear and the event that runs when what they belonged to is over. */
export function closeDropped(step: Step): void {
  const { callees, event } = step.call;
  const dropped = callees.filter(({ isDropped }) => isDropped);
  if (dropped.length > 0) {
    step.call.callees = callees.filter(({ isDropped }) => !isDropped);
    for (const strand of dropped) abandonStrand(step, strand);
  }
  if (event?.isDropped !== true) return;
  step.call.event = null;
  abandonStrand(step, event);
}

export function reportEnd(step: Step, frame: Frame, instruction: Instruction, interrupted: boolean): void {
  if (instruction.action === null) return;
  const message = `${instruction.action} ${interrupted ? 'interrupted' : 'ended'}`;
  const duration_ms = step.call.nowMs - frame.startedAtMs;
  report(step, 'action_ended', instruction, message, { duration_ms, interrupted });
}
