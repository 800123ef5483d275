import type { CallInfo } from '../io.ts';
import type { SimulationScript } from './script.ts';

const DEFAULT_START = '2026-01-02T09:00:00Z';
const NO_PLACE = { city: '', region: '', country: '', timezone: '' };

/**
 * When a simulation begins, in epoch milliseconds.
 *
 * @throws RangeError when `at` is no time
 */
export function startTimeMs(at: SimulationScript['at']): number {
  const timeMs = new Date(at ?? DEFAULT_START).getTime();
  if (Number.isNaN(timeMs)) throw new RangeError(`at: "${at}" is no time; write it as ${DEFAULT_START}`);
  return timeMs;
}

/** Who calls, or writes, whom: what the script says, and what it leaves to us. */
export function scriptedInfo(
  callId: string,
  script: Pick<SimulationScript, 'direction' | 'callerNo' | 'apiNo' | 'customData' | 'call'>,
  startTimeMs: number,
): CallInfo {
  return {
    callId,
    appId: '00000000-0000-4000-8000-000000000000',
    subaccountId: '0',
    direction: script.direction ?? 'inbound',
    callerNo: script.callerNo ?? '+12125550101',
    callerPlace: NO_PLACE,
    apiNo: script.apiNo ?? '+12125550123',
    apiPlace: NO_PLACE,
    startTimeMs,
    customData: script.customData ?? null,
    sipDomain: '',
    sipForwardedFor: '',
    ...script.call,
  };
}
