/** A room as others may see it. */
export interface LiveConference {
  name: string;
  /** When it was opened to its participants; null: they still wait for one who opens it. */
  startedAtMs: number | null;
  /** In the order in which they came. */
  participants: LiveParticipant[];
}

/** A call in a room as others may see it. */
export interface LiveParticipant {
  callId: string;
  callerNo: string;
  joinedAtMs: number;
  muted: boolean;
  onHold: boolean;
  /** The call that alone hears this one. */
  coaching: string | null;
  /** It is the one who speaks now; of one room at most one is. */
  speaking: boolean;
}

/** Where a call is that is in a room. */
export interface ConferencePlace extends LiveParticipant {
  name: string;
  /** How many are in the room. */
  participants: number;
}
