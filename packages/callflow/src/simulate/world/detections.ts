import type { Effect } from '../../io.ts';
import type { SimulationScript } from '../script.ts';
import type { Schedule } from './world.ts';

const KNOWN_MS = 2_000;
const BEEP_MS = 6_000;

/** Tells who or what has answered, and of a machine when its tone has ended. */
export function startDetection(
  { detectionId, want }: Extract<Effect, { type: 'start_detection' }>,
  { is: party, afterMs = KNOWN_MS, beepMs = BEEP_MS }: NonNullable<SimulationScript['party']>,
  { later }: Schedule,
): void {
  if (want.includes('party')) {
    later(afterMs, detectionId, (atMs) => ({ type: 'party_detected', detectionId, party, atMs }));
  }
  if (want.includes('beep') && party === 'answering_machine' && beepMs !== null) {
    later(beepMs, detectionId, (atMs) => ({ type: 'beep_detected', detectionId, atMs }));
  }
}
