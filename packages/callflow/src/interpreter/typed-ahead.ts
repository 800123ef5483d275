import type { Step } from './step.ts';

/** For a COLLECT that takes keys pressed before it; of too many the latest. */
export function keepForLater(step: Step, digit: string): void {
  step.call.typedAhead = `${step.call.typedAhead}${digit}`.slice(-step.limits.maxDigits);
}
