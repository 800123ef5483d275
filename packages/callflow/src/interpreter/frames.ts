import type { JsonObject } from '../io.ts';
import type { Instruction, Program } from '../program/program.ts';
import type { CallState, Frame, RaisedEvent, Strand } from './state.ts';

/** A strand with nothing to run yet but what is put in from outside. */
export function emptyStrand(): Strand {
  return { name: 'main', owner: null, isDropped: false, leg: null, frames: [] };
}

/** A strand at the start of a document. */
export function documentStrand(call: CallState, program: Program): Strand {
  return {
    name: 'main',
    owner: null,
    isDropped: false,
    leg: null,
    frames: [wholeList(call, 'document', null, program.end)],
  };
}

/** A list from outside, over whatever the strand has open. */
export function injectedFrame(call: CallState, program: Program): Frame {
  return wholeList(call, 'injected', program, program.end);
}

/** A list from outside that runs beside the main strand. */
export function injectedEvent(call: CallState, program: Program): RaisedEvent {
  const list = call.nextList;
  call.nextList += 1;
  return { name: 'injected', owner: null, program, list, from: 0, to: program.end, locals: {} };
}

function wholeList(call: CallState, kind: Frame['kind'], program: Program | null, to: number): Frame {
  const list = call.nextList;
  call.nextList += 1;
  return { kind, program, list, pc: 0, from: 0, to, startedAtMs: call.nowMs, wait: null, locals: null };
}

/** The strand of an event. */
export function eventStrand(call: CallState, { name, owner, program, list, from, to, locals }: RaisedEvent): Strand {
  const startedAtMs = call.nowMs;
  return {
    name,
    owner,
    isDropped: false,
    leg: null,
    frames: [{ kind: 'event', program, list, pc: from, from, to, startedAtMs, wait: null, locals }],
  };
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

/** Number of the document or injected list that a frame belongs to. */
export function listAt(strand: Strand, index: number): number | null {
  for (let below = index; below >= 0; below -= 1) {
    const list = strand.frames[below]?.list ?? null;
    if (list !== null) return list;
  }
  return null;
}

/** The program whose instructions the strand runs now, or those of one of its frames. */
export function programOf(call: CallState, strand: Strand, index = strand.frames.length - 1): Program | null {
  return programAt(call, strand, index);
}

/** The innermost open list that has a variable of this name for itself; undefined when none has. */
export function frameWithLocal(strand: Strand | null, name: string): (Frame & { locals: JsonObject }) | undefined {
  if (strand === null) return undefined;
  return strand.frames.findLast((frame): frame is Frame & { locals: JsonObject } => {
    return frame.locals !== null && Object.hasOwn(frame.locals, name);
  });
}
