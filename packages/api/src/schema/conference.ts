import type { ConferencePlace, LiveConference, LiveParticipant } from '@voxology/telephony';
import { Type } from 'typebox';
import { Nullable } from './nullable.ts';

const partProperties = {
  muted: Type.Boolean(),
  on_hold: Type.Boolean(),
  coaching: Nullable(Type.String(), 'The `call_id` that alone hears this call.'),
  speaking: Type.Boolean({ description: 'This call is the active speaker.' }),
  joined_at: Type.String({ format: 'date-time' }),
};

/** A room that is up. */
export const ConferenceBody = Type.Object({
  name: Type.String(),
  started_at: Nullable(
    Type.String({ format: 'date-time' }),
    'Null: its participants still wait for one who enters with `start_on_enter`.',
  ),
  participants: Type.Array(Type.Object({ call_id: Type.String(), caller_no: Type.String(), ...partProperties }), {
    description: 'In the order in which they came.',
  }),
  active_speaker: Nullable(
    Type.String(),
    'The `call_id` that speaks now; null after a pause of a second of everybody. Never one that is muted, on hold or coaching.',
  ),
});

/** Where a call is that is in a room. */
export const PlaceOfCall = Nullable(
  Type.Object({
    name: Type.String(),
    participants: Type.Integer({ description: 'How many are in the room.' }),
    ...partProperties,
  }),
  'The conference that the call is in.',
);

/** A room as the API shows it. */
export function presentConference({ name, startedAtMs, participants }: LiveConference) {
  return {
    name,
    started_at: startedAtMs === null ? null : new Date(startedAtMs).toISOString(),
    participants: participants.map((participant) => ({
      call_id: participant.callId,
      caller_no: participant.callerNo,
      ...presentPart(participant),
    })),
    active_speaker: participants.find(({ speaking }) => speaking)?.callId ?? null,
  };
}

/** The room of a call as the API shows it. */
export function presentPlace(place: ConferencePlace | null) {
  if (place === null) return null;
  const { name, participants } = place;
  return { name, participants, ...presentPart(place) };
}

function presentPart({ muted, onHold, coaching, speaking, joinedAtMs }: LiveParticipant) {
  return { muted, on_hold: onHold, coaching, speaking, joined_at: new Date(joinedAtMs).toISOString() };
}
