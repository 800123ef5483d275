import { isCallee, type Step } from './step.ts';

/** For a COLLECT that takes keys pressed before it; of too many the latest. A callee types nothing ahead. */
export function keepForLater(step: Step, digit: string): void {
  if (isCallee(step)) return;
  step.call.typedAhead = `${step.call.typedAhead}${digit}`.slice(-step.limits.maxDigits);
}
