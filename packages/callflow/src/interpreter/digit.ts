import type { Input } from '../io.ts';
import { deliverToStrands } from './cycle.ts';
import { NOWHERE, report, type Step } from './step.ts';
import { keepForLater } from './typed-ahead.ts';

/** A key: for the COLLECT that runs, or a late finish key, or for nobody (a COLLECT may ask for keys that were pressed before it). */
export function onDigit(step: Step, input: Extract<Input, { type: 'digit' }>): void {
  const { call } = step;
  const digit = input.digit.toUpperCase();
  if (!/^[0-9*#A-D]$/.test(digit)) {
    report(step, 'digit_ignored', NOWHERE, 'not a key of a telephone', { digit: input.digit.slice(0, 8) });
    return;
  }
  if (input.leg !== undefined) {
    const { no } = input.leg;
    if (!deliverToStrands(step, { ...input, digit }))
      report(step, 'digit_ignored', NOWHERE, `no COLLECT was running when ${no} pressed ${digit}`, {
        digit,
        callee: no,
      });
    return;
  }
  const late = call.lateFinishKey;
  call.lateFinishKey = null;
  if (late?.keys.includes(digit) === true && call.nowMs <= late.untilMs) {
    report(step, 'digit_ignored', NOWHERE, `the finish key ${digit} came after its COLLECT had all its digits`, {
      digit,
    });
    return;
  }
  if (deliverToStrands(step, { ...input, digit })) return;
  const { joined } = call;
  if (joined !== null && (joined.kind !== 'queue' || call.queue?.status === 'connected')) {
    report(step, 'digit_ignored', NOWHERE, `${digit} goes into the ${joined.kind}`, { digit });
    return;
  }
  keepForLater(step, digit);
  report(step, 'digit_ignored', NOWHERE, `no COLLECT took keys when ${digit} was pressed`, { digit });
}
