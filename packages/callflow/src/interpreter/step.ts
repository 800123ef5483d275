import type { CalleeLeg, Effect, FlowEvent, JsonObject, PlaySource } from '../io.ts';
import type { LanguageLimits } from '../limits.ts';
import type { CallState, Strand } from './state.ts';

/** One step in the making: the state being drafted and what the step says to the world. */
export interface Step {
  readonly call: CallState;
  readonly effects: Effect[];
  readonly events: FlowEvent[];
  readonly limits: LanguageLimits;
  /** The strand whose actions are running: its lists may have variables of their own. */
  strand: Strand | null;
  /** Index of the frame whose action is told something; null: that of the innermost runs. */
  depth: number | null;
  /** Objects made in this step, which nobody else has seen yet: they may be changed in place instead of copied. */
  readonly fresh: Set<object>;
}

/** The place in the document that an event speaks of. */
export interface Spot {
  readonly path: string | null;
  readonly action: string | null;
}

export const NOWHERE: Spot = { path: null, action: null };

const NO_DATA: JsonObject = Object.freeze({});

export function report(
  step: Step,
  type: FlowEvent['type'],
  spot: Spot,
  message: string,
  data: JsonObject = NO_DATA,
): void {
  const told = withCallee(step, data);
  const room = step.limits.maxEventsPerStep - step.events.length;
  if (room > 0) {
    step.events.push({ type, path: spot.path, action: spot.action, message, data: told });
  } else if (room === 0) {
    const left = 'too many events in one step; the rest of them are left out';
    step.events.push({ type: 'warning', path: null, action: null, message: left, data: NO_DATA });
  }
}

/** Errors have some room of their own when other events have used up theirs. */
const ROOM_FOR_ERRORS = 100;

export function reportError(step: Step, spot: Spot, message: string, data: JsonObject = NO_DATA): void {
  if (step.events.length < step.limits.maxEventsPerStep + ROOM_FOR_ERRORS) reportVerdict(step, spot, message, data);
}

/** The error that ends the call: never left out. */
export function reportVerdict(step: Step, spot: Spot, message: string, data: JsonObject = NO_DATA): void {
  step.events.push({ type: 'error', path: spot.path, action: spot.action, message, data: withCallee(step, data) });
}

/** Tells what happens on the leg of a callee from what happens to the call. */
function withCallee({ strand }: Step, data: JsonObject): JsonObject {
  return strand === null || strand.leg === null ? data : { ...data, callee: strand.leg.no };
}

/** What runs is the list of a callee, on its leg. */
export function isCallee({ strand }: Step): boolean {
  return strand !== null && strand.leg !== null;
}

/** Where sound and keys go, for an effect. */
function onLeg({ strand }: Step): { leg?: CalleeLeg } {
  return strand === null || strand.leg === null ? {} : { leg: strand.leg };
}

export function startPlayback(step: Step, source: PlaySource): string {
  const playbackId = `p${step.call.nextPlayback}`;
  step.call.nextPlayback += 1;
  step.effects.push({ type: 'play', playbackId, source, ...onLeg(step) });
  if (isEvent(step)) step.call.eventPlayback = playbackId;
  return playbackId;
}

/** An event speaks: what the flow itself has to say waits for its end. */
export function isSilenced(step: Step): boolean {
  return step.call.eventPlayback !== null && !isEvent(step) && !isCallee(step);
}

/** What runs is the list of an event, beside the flow. */
export function isEvent({ call, strand }: Step): boolean {
  return strand !== null && call.event === strand;
}

/** A playback is over, or is stopped. */
export function forgetPlayback({ call }: Step, playbackId: string): void {
  if (call.eventPlayback === playbackId) call.eventPlayback = null;
}

/** Nothing is stopped on a call that is over: its media is gone. */
export function stopPlayback(step: Step, playbackId: string): void {
  forgetPlayback(step, playbackId);
  if (step.call.phase.name !== 'over') step.effects.push({ type: 'stop_playback', playbackId });
}

/** An id of this call's own, as in `x7`. */
export function newId(step: Step, prefix: string): string {
  const id = `${prefix}${step.call.nextId}`;
  step.call.nextId += 1;
  return id;
}

/** Carries out nothing on a call that is over: the driver has put away everything of it. */
export function emitWhileUp(step: Step, effect: Effect): void {
  if (step.call.phase.name !== 'over') step.effects.push(effect);
}

export function sendDigits(step: Step, digits: string): string {
  const sendId = `d${step.call.nextSend}`;
  step.call.nextSend += 1;
  step.effects.push({ type: 'send_digits', sendId, digits, ...onLeg(step) });
  return sendId;
}

export function setTimer(step: Step, durationMs: number): string {
  const timerId = `t${step.call.nextTimer}`;
  step.call.nextTimer += 1;
  step.call.timerIds = [...step.call.timerIds, timerId];
  step.effects.push({ type: 'set_timer', timerId, durationMs });
  return timerId;
}

export function cancelTimer(step: Step, timerId: string): void {
  if (forgetTimer(step, timerId)) step.effects.push({ type: 'cancel_timer', timerId });
}

export function cancelAllTimers(step: Step): void {
  for (const timerId of step.call.timerIds) step.effects.push({ type: 'cancel_timer', timerId });
  step.call.timerIds = [];
}

/** Takes a timer off the list of those running; false when it was not on it. */
export function forgetTimer(step: Step, timerId: string): boolean {
  if (!step.call.timerIds.includes(timerId)) return false;
  step.call.timerIds = step.call.timerIds.filter((id) => id !== timerId);
  return true;
}
