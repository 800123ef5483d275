import type { PlaySource } from './play-source.ts';

/** What a participant hears who is alone in the room, waits for its start, or is on hold. */
export type HoldMusic = PlaySource | { kind: 'default' } | { kind: 'none' };

/**
 * A call in a room. Names are scoped by application. A call is in one room at most, and never in a room and a transfer
 * at once.
 *
 * - The driver plays `holdMusic` over and over while this participant is alone in the room, waits for its start or is on
 *   hold, and stops it when that is over.
 * - A `play` of the flow is heard by this call only, in place of the room or the music, until it ends; the others go on
 *   hearing this call.
 */
export type ConferenceEffect =
  | {
      type: 'join_conference';
      joinId: string;
      name: string;
      /** Refused (`max_participants`) when so many are in the room already; null: no limit but the driver's. */
      maxParticipants: number | null;
      /** When this call leaves, in whatever way, the room is over for all: each gets `conference_left`, `ended`. */
      endOnExit: boolean;
      /** False: it waits, unheard and hearing music, until somebody is in the room who has true. */
      startOnEnter: boolean;
      muted: boolean;
      /** How much louder the others hear it; not given: as it is. */
      gainDb?: number;
      /** `callId` of the only participant who hears this one (who hears everybody); null: everybody hears it. */
      coach: string | null;
      holdMusic: HoldMusic;
      /** What the others hear when this call comes and goes. */
      announce: 'none' | 'tones' | 'names';
    }
  /** Out of the room at once; `conference_left` follows, unless the call is over. */
  | { type: 'leave_conference'; joinId: string }
  /** `held`: hears music and is not heard. What is not given stays. */
  | { type: 'update_conference'; joinId: string; muted?: boolean; held?: boolean }
  /**
   * Takes others out of the room `name`: the call with that id, or those with that number; null: all of them. Each gets
   * `conference_left`, `kicked`. Nothing comes back.
   */
  | { type: 'kick_participant'; name: string; participant: string | null };

export type ConferenceInput =
  /** `participants`: how many are in the room now, this call included. */
  | { type: 'conference_entered'; joinId: string; participants: number }
  /** In place of `conference_entered`; `max_participants`, or another reason for people. Nothing follows. */
  | { type: 'conference_refused'; joinId: string; reason: string }
  /** The last of a join. */
  | { type: 'conference_left'; joinId: string; reason: 'left' | 'ended' | 'kicked' }
  /** Somebody else came or went; `participants` are in the room now, this call included. */
  | {
      type: 'conference_participants';
      joinId: string;
      change: 'enter' | 'exit';
      callId: string;
      callerNo: string;
      participants: number;
    };
