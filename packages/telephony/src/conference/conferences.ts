import type { ConferenceEffect, HoldMusic } from '@voxology/callflow';
import type { MediaEngine } from '@voxology/media';
import type { RepeatedSound } from '../call/background-sound.ts';
import type { Party } from '../call/party.ts';
import type { Prompts } from '../prompt/prompts.ts';
import type { HouseSounds } from '../sounds/house-sounds.ts';
import { Announcements } from './announcements.ts';
import { Conference, type JoinEffect, type Member } from './conference.ts';
import type { ConferencePlace, LiveConference } from './live-conference.ts';

const NOT_ANNOUNCED = 'The announcement cannot be made';

export interface ConferencesOptions {
  media: Pick<MediaEngine, 'createRoom'>;
  prompts: Pick<Prompts, 'get'>;
  sounds: Pick<HouseSounds, 'get'>;
  nowMs(): number;
}

/** All rooms of the house, by account, application and name; a room lasts from its first member to its last. */
export class Conferences {
  readonly #options: ConferencesOptions;
  readonly #rooms = new Map<string, Conference>();
  /** The room of each call that is in one, by call id. */
  readonly #places = new Map<string, { conference: Conference; joinId: string }>();

  constructor(options: ConferencesOptions) {
    this.#options = options;
  }

  /** Rooms now, and calls in them. */
  get figures(): { rooms: number; participants: number } {
    return {
      rooms: this.#rooms.size,
      participants: [...this.#rooms.values()].reduce((sum, { size }) => sum + size, 0),
    };
  }

  /** Rooms of an application, the oldest first. */
  live(appId: string): LiveConference[] {
    return [...this.#rooms.values()].filter((room) => room.appId === appId).map(({ facts }) => facts);
  }

  /** Null: the application has no such room now. */
  find(appId: string, name: string): LiveConference | null {
    for (const room of this.#rooms.values()) if (room.appId === appId && room.name === name) return room.facts;
    return null;
  }

  /** Null: the call is in no room. */
  placeOf(callId: string): ConferencePlace | null {
    return this.#places.get(callId)?.conference.placeOf(callId) ?? null;
  }

  /** Carries out an effect of a call; what comes of it is posted to the calls concerned. */
  carryOut(party: Party, effect: ConferenceEffect): void {
    const { callId } = party.info;
    const place = this.#places.get(callId);
    switch (effect.type) {
      case 'join_conference':
        this.#join(party, effect);
        return;
      case 'leave_conference':
        if (place?.joinId === effect.joinId) place.conference.leave(callId, 'left');
        return;
      case 'update_conference':
        if (place?.joinId === effect.joinId) place.conference.update(callId, effect);
        return;
      case 'kick_participant':
        this.#rooms.get(keyOf(party, effect.name))?.kick(callId, effect.participant);
        return;
    }
  }

  /** The call is over: it is in no room any more. */
  drop({ info }: Party): void {
    this.#places.get(info.callId)?.conference.leave(info.callId, 'left');
  }

  #join(party: Party, effect: JoinEffect): void {
    const reason = this.#tryToJoin(party, effect);
    if (reason !== null) party.post({ type: 'conference_refused', joinId: effect.joinId, reason });
  }

  /** Null, or why it may not. */
  #tryToJoin(party: Party, effect: JoinEffect): string | null {
    const { session } = party.leg;
    if (session === null) return 'the call has no media';
    const key = keyOf(party, effect.name);
    const conference = this.#rooms.get(key) ?? this.#open(key, { appId: party.info.appId, name: effect.name });
    const member: Member = {
      party,
      effect,
      session,
      music: this.#music(party, effect.holdMusic),
      joinedAtMs: this.#options.nowMs(),
      muted: effect.muted,
      held: false,
    };
    let reason: string | null;
    try {
      reason = conference.join(member);
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    if (reason === null) this.#places.set(party.info.callId, { conference, joinId: effect.joinId });
    else conference.closeWhenEmpty();
    return reason;
  }

  #open(key: string, owner: { appId: string; name: string }): Conference {
    const { media } = this.#options;
    const room = media.createRoom();
    const announcements = new Announcements(room);
    const conference: Conference = new Conference(owner, {
      room,
      announce: (member, change) => this.#announce(announcements, member, change),
      onLeft: (callId) => this.#places.delete(callId),
      onEmpty: () => {
        announcements.close();
        this.#rooms.delete(key);
      },
    });
    this.#rooms.set(key, conference);
    return conference;
  }

  #announce(announcements: Announcements, { party, effect, session }: Member, change: 'enter' | 'exit'): void {
    const { prompts, sounds } = this.#options;
    if (effect.announce === 'none') return;
    const text = `${spoken(party.info.callerNo)} ${change === 'enter' ? 'has joined' : 'has left'}.`;
    announcements.announce({
      exceptFor: session,
      prompt: async (signal) =>
        effect.announce === 'tones'
          ? sounds.get(change)
          : await prompts.get({ kind: 'say', text, voice: null, language: null }, signal, party.log),
      failed: (error) => this.#complain(party, NOT_ANNOUNCED, error),
      dropped: () => this.#note(party, 'warning', `${NOT_ANNOUNCED}: too many came and went at once`),
    });
  }

  #complain(party: Party, what: string, error: unknown): void {
    this.#note(party, 'error', `${what}: ${error instanceof Error ? error.message : String(error)}`);
  }

  #note({ over, log }: Party, type: 'error' | 'warning', message: string): void {
    if (!over) log.note('event', type, { message }, this.#options.nowMs());
  }

  #music(party: Party, music: HoldMusic): RepeatedSound | null {
    const { prompts, sounds } = this.#options;
    if (music.kind === 'none') return null;
    const { signal } = new AbortController();
    return {
      prompt: async () =>
        music.kind === 'default' ? sounds.get('hold-music') : await prompts.get(music, signal, party.log),
      failed: (error) => this.#complain(party, 'The hold music cannot be played', error),
    };
  }
}

/** Names are the users' own: they are told apart by whose they are, and become no path. */
function keyOf({ info }: Party, name: string): string {
  return JSON.stringify([info.subaccountId, info.appId, name]);
}

/** The digits of a number one by one; a name of a SIP user as it is. */
function spoken(callerNo: string): string {
  if (callerNo.startsWith('+')) return [...callerNo.slice(1)].join(' ');
  return callerNo === 'anonymous' ? 'A caller' : callerNo.replace(/^sip:/, '').replace(/@.*$/, '');
}
