import type { JsonObject } from '../io.ts';
import type { Instruction, Program } from '../program/program.ts';
import type { CallState, Frame, Strand } from './state.ts';

/** A strand with nothing to run yet but what is put in from outside. */
export function emptyStrand(): Strand {
  return { name: 'main', frames: [] };
}

/** A strand at the start of a document. */
export function documentStrand(call: CallState, program: Program): Strand {
  return { name: 'main', frames: [wholeList(call, 'document', null, program.end)] };
}

/** A list from outside, over whatever the strand has open. */
export function injectedFrame(call: CallState, program: Program): Frame {
  return wholeList(call, 'injected', program, program.end);
}

function wholeList(call: CallState, kind: Frame['kind'], program: Program | null, to: number): Frame {
  return { kind, program, pc: 0, from: 0, to, startedAtMs: call.nowMs, wait: null, locals: null };
}

/** The instruction at which a frame stands; undefined when there is no such frame, or no program for it. */
export function instructionAt(call: CallState, strand: Strand, index: number): Instruction | undefined {
  const frame = strand.frames[index];
  return frame && programAt(call, strand, index)?.instructions[frame.pc];
}

function programAt(call: CallState, strand: Strand, index: number): Program | null {
  for (let below = index; below >= 0; below -= 1) {
    const program = strand.frames[below]?.program ?? null;
    if (program !== null) return program;
  }
  return call.program;
}

/** The program whose instructions the strand runs now. */
export function programOf(call: CallState, strand: Strand): Program | null {
  return programAt(call, strand, strand.frames.length - 1);
}

/** The innermost open list that has a variable of this name for itself; undefined when none has. */
export function frameWithLocal(strand: Strand | null, name: string): (Frame & { locals: JsonObject }) | undefined {
  if (strand === null) return undefined;
  return strand.frames.findLast((frame): frame is Frame & { locals: JsonObject } => {
    return frame.locals !== null && Object.hasOwn(frame.locals, name);
  });
}
