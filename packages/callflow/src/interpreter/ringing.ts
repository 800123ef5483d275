import { isCallee, type Step } from './step.ts';

/** RFC 3261 §21.4.18. */
const TEMPORARILY_UNAVAILABLE = 480;

/** A caller who is neither answered nor turned away must not be kept for ever: nothing else bounds a call that rings. */
export function ringTimeLeft(step: Step): number {
  if (!isRinging(step)) return Number.POSITIVE_INFINITY;
  return step.limits.maxRingMs - (step.call.nowMs - step.call.info.startTimeMs);
}

/** How an action ends the call that has been ringing for too long. */
export function rangTooLong(step: Step, action: string): { kind: 'hang_up'; reason: string; sipStatus: number } {
  const reason = `${action}: the call was not answered for ${step.limits.maxRingMs} ms`;
  return { kind: 'hang_up', reason, sipStatus: TEMPORARILY_UNAVAILABLE };
}

/** A callee that listens to something is answered, whatever the caller is. */
export function isRinging(step: Step): boolean {
  return step.call.answeredAtMs === null && step.call.message === null && !isCallee(step);
}

/** Answers the call once; an `answered` input follows when media can flow. */
export function askForAnswer(step: Step): void {
  const { call } = step;
  if (call.answerAsked || call.answeredAtMs !== null) return;
  call.answerAsked = true;
  step.effects.push({ type: 'answer' });
}
