import type { CalleeDone } from '../actions/action.ts';
import type { CalleeLeg, Json, JsonObject } from '../io.ts';
import { type EventRange, eventNow } from './events.ts';
import { eventStrand } from './frames.ts';
import type { Frame } from './state.ts';
import type { Step } from './step.ts';

/** What a callee has pressed or said, as the variables of its lists. */
interface CalleeAnswer {
  keyPresses: string;
  collectValid: boolean;
  speech: string;
  speechConfidence: number | null;
}

const NO_ANSWER: CalleeAnswer = { keyPresses: '', collectValid: false, speech: '', speechConfidence: null };

/**
 * Lets a callee hear a list of the running action, on its own leg and beside everything else. `$transferNo` is the callee
 * there, in a queue `$queueNo` too, and `$keyPresses`, `$speech` and `$collectValid` are what it pressed and said.
 */
export function openCallee(step: Step, leg: CalleeLeg, name: string, range: EventRange): void {
  const { call } = step;
  const who: JsonObject = call.joined?.kind === 'queue' ? { queueNo: leg.no } : {};
  const locals: JsonObject = { ...who, transferNo: leg.no, ...NO_ANSWER };
  const list = eventNow(step, name, leg.transferId, range, locals);
  if (list !== null) call.callees = [...call.callees, { ...eventStrand(call, list), leg }];
}

/** What a callee hears is over, or with null what all callees of the transfer hear: it is put away before anything else runs. */
export function dropCallees({ call }: Step, transferId: string, no: string | null): void {
  for (const strand of call.callees) {
    if (strand.leg?.transferId === transferId && (no === null || strand.leg.no === no)) strand.isDropped = true;
  }
}

/** What a COLLECT of the callee's list got. It is no business of the caller's: callbacks do not tell of it. */
export function keepCalleeAnswer({ strand }: Step, answer: CalleeAnswer): void {
  const bottom = strand?.frames[0];
  if (bottom !== undefined) bottom.locals = { ...bottom.locals, ...answer };
}

/** How the list of a callee has ended, from what was its outermost frame. */
export function calleeDone(leg: CalleeLeg, bottom: Frame | undefined, isDeclined: boolean): CalleeDone {
  const { keyPresses = '', collectValid = false, speech = '' }: { [name: string]: Json } = bottom?.locals ?? {};
  return {
    type: 'callee_done',
    leg,
    isDeclined,
    keyPresses: String(keyPresses),
    speech: String(speech),
    isCollectValid: collectValid === true,
  };
}

export function isSameLeg(one: CalleeLeg | null, other: CalleeLeg | null): boolean {
  return one?.transferId === other?.transferId && one?.no === other?.no;
}
