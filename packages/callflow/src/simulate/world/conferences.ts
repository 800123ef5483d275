import type { Effect, Input } from '../../io.ts';
import type { SimulatedConference } from '../script.ts';
import type { Schedule } from './world.ts';

const NETWORK_MS = 50;
const ENDS_MS = 12_000;
const OTHERS: SimulatedConference['others'] = [{ entersMs: 2_000 }];
const NOBODY_NO = '+12125550199';

/** Enters the room, unless it is full, and lets the others of the script come and go. */
export function joinConference(
  { joinId, name, maxParticipants }: Extract<Effect, { type: 'join_conference' }>,
  scripts: readonly SimulatedConference[],
  { later }: Schedule,
): void {
  const script = scripts.find((one) => one.name === undefined || one.name === name) ?? {};
  const already = script.participants ?? 0;
  if (maxParticipants !== null && already >= maxParticipants) {
    later(NETWORK_MS, joinId, (atMs) => ({ type: 'conference_refused', joinId, reason: 'max_participants', atMs }));
    return;
  }
  let participants = already + 1;
  later(NETWORK_MS, joinId, (atMs) => ({ type: 'conference_entered', joinId, participants: already + 1, atMs }));
  for (const [index, { no = NOBODY_NO, entersMs, leavesMs }] of (script.others ?? OTHERS ?? []).entries()) {
    const change =
      (what: 'enter' | 'exit') =>
      (atMs: number): Input => {
        participants += what === 'enter' ? 1 : -1;
        const callId = `${index + 2}@simulation`;
        return { type: 'conference_participants', joinId, change: what, callId, callerNo: no, participants, atMs };
      };
    later(NETWORK_MS + entersMs, joinId, change('enter'));
    if (leavesMs !== undefined) later(NETWORK_MS + leavesMs, joinId, change('exit'));
  }
  const endsMs = script.endsMs === undefined ? ENDS_MS : script.endsMs;
  const reason = script.kicked === true ? 'kicked' : 'ended';
  // What never happens is there to be taken back.
  later(NETWORK_MS + (endsMs ?? Number.POSITIVE_INFINITY), joinId, (atMs) => left(joinId, reason, atMs));
}

export function leaveConference(joinId: string, { later, cancel }: Schedule): void {
  if (!cancel(joinId)) return;
  later(0, null, (atMs) => left(joinId, 'left', atMs));
}

function left(joinId: string, reason: 'left' | 'ended' | 'kicked', atMs: number): Input {
  return { type: 'conference_left', joinId, reason, atMs };
}
