import { reportError, type Spot, type Step } from './step.ts';

/**
 * Of the phones that an action wants to ring, those that it may: a flow rings so many in all, lest a loop around callees
 * who decline at once calls people for as long as the call lasts. The others are told of and not rung.
 */
export function takeLegs(step: Step, spot: Spot, wanted: readonly string[]): string[] {
  const { call } = step;
  const { maxLegs } = call.settings;
  const taken = wanted.slice(0, Math.max(0, maxLegs - call.legsTaken));
  call.legsTaken += taken.length;
  const refused = wanted.slice(taken.length);
  if (refused.length > 0) {
    const message = `the flow has rung ${maxLegs} phones, as many as it may (limits.max_legs_per_call); not rung: ${refused.join(', ')}`;
    reportError(step, spot, message, { refused, max_legs: maxLegs });
  }
  return taken;
}
