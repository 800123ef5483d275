import { expect, test } from 'vitest';
import type { CallInput } from '../call/input.ts';
import type { Party } from '../call/party.ts';
import { FakeRoom } from '../testing/fake-room.ts';
import { FakeSession } from '../testing/fake-session.ts';
import { Conferences, type ConferencesOptions } from './conferences.ts';

const APP = 'app';
const ROOMS = ['red', 'blue'];
const CALLS = 8;

/** Numbers from 0 to 1 that are the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}

type Told = Extract<CallInput, { joinId: string }>;

/** A call that joins one room after the other and keeps what it is told. */
class Caller {
  readonly told: Told[] = [];
  readonly party: Party;
  #joins = 0;

  constructor(callId: string) {
    this.party = {
      info: { appId: APP, subaccountId: '0', callId, callerNo: `+${callId}` },
      leg: { session: new FakeSession(callId), background: () => undefined },
      over: false,
      post: (input: Told) => this.told.push(input),
    } as unknown as Party;
  }

  get joinId(): string {
    return `${this.#joins}`;
  }

  /** How many are in its room as it was last told; null: it is in none. */
  get participants(): number | null {
    const last = this.told.findLast(({ joinId }) => joinId === this.joinId);
    return last !== undefined && 'participants' in last ? last.participants : null;
  }

  join(conferences: Conferences, random: () => number, coach: string): void {
    this.#joins++;
    conferences.carryOut(this.party, {
      type: 'join_conference',
      joinId: this.joinId,
      name: ROOMS[Math.floor(random() * ROOMS.length)] ?? '',
      maxParticipants: random() < 0.3 ? 4 : null,
      endOnExit: random() < 0.2,
      startOnEnter: random() < 0.7,
      muted: random() < 0.3,
      coach: random() < 0.3 ? coach : null,
      holdMusic: { kind: 'none' },
      announce: 'none',
    });
  }
}

test.each([1, 2, 3, 4, 5])(
  'whatever members do (%i), each knows how many they are, and a room without any is gone',
  async (seed) => {
    const random = randomFrom(seed);
    let open = 0;
    const conferences = new Conferences({
      media: {
        createRoom: () => {
          open++;
          return new FakeRoom((act) => {
            if (act === 'close') open--;
          });
        },
      },
      nowMs: () => 0,
    } as unknown as ConferencesOptions);
    const callers = Array.from({ length: CALLS }, (_, i) => new Caller(`${i}`));
    const anyId = () => `${Math.floor(random() * CALLS)}`;
    for (let step = 0; step < 500; step++) {
      for (let acts = 1 + Math.floor(random() * 3); acts > 0; acts--) {
        const caller = callers[Math.floor(random() * CALLS)] as Caller;
        const { party, joinId } = caller;
        const place = conferences.placeOf(party.info.callId);
        const choice = random();
        if (place === null) caller.join(conferences, random, anyId());
        else if (choice < 0.4) conferences.carryOut(party, { type: 'leave_conference', joinId });
        else if (choice < 0.5) conferences.drop(party);
        else if (choice < 0.7) conferences.carryOut(party, { type: 'update_conference', joinId, held: random() < 0.5 });
        else {
          const participant = random() < 0.8 ? anyId() : null;
          conferences.carryOut(party, { type: 'kick_participant', name: place.name, participant });
        }
      }
      await Promise.resolve();
      const rooms = conferences.live(APP);
      for (const { party, participants } of callers) {
        expect(participants, `call ${party.info.callId} after step ${step}`).toBe(
          conferences.placeOf(party.info.callId)?.participants ?? null,
        );
      }
      const inside = rooms.reduce((sum, { participants }) => sum + participants.length, 0);
      expect(conferences.figures).toEqual({ rooms: open, participants: inside });
      expect(rooms.every(({ participants }) => participants.length > 0)).toBe(true);
    }
    for (const { party } of callers) conferences.drop(party);
    expect([conferences.figures, open]).toEqual([{ rooms: 0, participants: 0 }, 0]);
    for (const { told } of callers) {
      const of = (type: string) => told.filter((one) => one.type === type).length;
      expect(of('conference_entered')).toBeGreaterThan(10);
    }
  },
);
