import type { ConferenceEffect } from '@voxology/callflow';
import type { MediaSession, Room } from '@voxology/media';
import type { RepeatedSound } from '../call/background-sound.ts';
import type { CallInput } from '../call/input.ts';
import type { Party } from '../call/party.ts';
import type { ConferencePlace, LiveConference, LiveParticipant } from './live-conference.ts';

export type JoinEffect = Extract<ConferenceEffect, { type: 'join_conference' }>;

/** A call in a room. */
export interface Member {
  readonly party: Party;
  readonly effect: JoinEffect;
  readonly session: MediaSession;
  /** What it hears while it is alone, waits for the start or is on hold; null: nothing. */
  readonly music: RepeatedSound | null;
  readonly joinedAtMs: number;
  muted: boolean;
  held: boolean;
}

export interface ConferenceServices {
  room: Room;
  /** Somebody came or went, and others are there to hear of it. */
  announce(member: Member, change: 'enter' | 'exit'): void;
  onLeft(callId: string): void;
  /** Nobody is in the room any more, and it closes. */
  onEmpty(): void;
}

/** In larger rooms nobody is told of each other's coming and going: the square of their number would be told. */
const LARGEST_TOLD = 50;

/**
 * One room: who is in it, who hears what, and what each is told. Everything said to the members comes after the change is
 * whole, in a turn of its own, since what they do next may change the room again.
 */
export class Conference {
  readonly appId: string;
  readonly name: string;
  readonly #services: ConferenceServices;
  readonly #members = new Map<string, Member>();
  #startedAtMs: number | null = null;

  constructor({ appId, name }: { appId: string; name: string }, services: ConferenceServices) {
    this.appId = appId;
    this.name = name;
    this.#services = services;
  }

  get size(): number {
    return this.#members.size;
  }

  get facts(): LiveConference {
    const participants = [...this.#members.values()].map((member) => this.#factsOf(member));
    return { name: this.name, startedAtMs: this.#startedAtMs, participants };
  }

  /** Null: the call is not in the room. */
  placeOf(callId: string): ConferencePlace | null {
    const member = this.#members.get(callId);
    if (member === undefined) return null;
    return { ...this.#factsOf(member), name: this.name, participants: this.#members.size };
  }

  /** Lets a call in and gives null, or tells why not. Throws a `MediaUsageError` when its media are gone. */
  join(member: Member): string | null {
    const { effect, party, session } = member;
    const { maxParticipants, coach, gainDb = 0 } = effect;
    if (maxParticipants !== null && this.#members.size >= maxParticipants) return 'max_participants';
    const coached = coach === null ? null : this.#members.get(coach);
    if (coached === undefined) return `the call ${coach}, which it was to coach, is not in the room`;
    const waits = this.#startedAtMs === null && !effect.startOnEnter;
    this.#services.room.join(session, {
      muted: member.muted,
      held: member.held || waits,
      gainDb,
      ...(coached === null ? {} : { coach: coached.session }),
    });
    this.#members.set(party.info.callId, member);
    if (!waits) this.#start(member.joinedAtMs);
    this.#playMusic(member);
    if (this.#members.size === 2) for (const other of this.#members.values()) this.#playMusic(other);
    const { joinId } = effect;
    this.#tell(member, { type: 'conference_entered', joinId, participants: this.#members.size });
    this.#tellOthers(member, 'enter');
    return null;
  }

  update(callId: string, { muted, held }: { muted?: boolean; held?: boolean }): void {
    const member = this.#members.get(callId);
    if (member === undefined) return;
    member.muted = muted ?? member.muted;
    member.held = held ?? member.held;
    this.#services.room.update(member.session, { muted: member.muted, held: this.#isOut(member) });
    this.#playMusic(member);
  }

  /** Nothing when the call is not in the room. */
  leave(callId: string, reason: 'left' | 'kicked'): void {
    const member = this.#members.get(callId);
    if (member === undefined) return;
    this.#remove(member, reason);
    if (member.effect.endOnExit) for (const other of [...this.#members.values()]) this.#remove(other, 'ended');
    else this.#tellOthers(member, 'exit');
    const [last] = this.#members.values();
    if (last === undefined) this.closeWhenEmpty();
    else if (this.#members.size === 1) this.#playMusic(last);
  }

  /** A room that nobody is in ends. */
  closeWhenEmpty(): void {
    if (this.#members.size > 0) return;
    this.#services.onEmpty();
    this.#services.room.close();
  }

  /** Takes out the call with that id, or those with that number; null: all. Never the one who asks. */
  kick(byCallId: string, participant: string | null): void {
    for (const { party } of [...this.#members.values()]) {
      const { callId, callerNo } = party.info;
      if (callId === byCallId) continue;
      if (participant === null || participant === callId || participant === callerNo) this.leave(callId, 'kicked');
    }
  }

  /** From the first member who does not wait for another on, the room is open to all. */
  #start(atMs: number): void {
    if (this.#startedAtMs !== null) return;
    this.#startedAtMs = atMs;
    for (const member of this.#members.values()) {
      this.#services.room.update(member.session, { held: this.#isOut(member) });
      this.#playMusic(member);
    }
  }

  #remove(member: Member, reason: 'left' | 'kicked' | 'ended'): void {
    const { party, session, effect } = member;
    const { callId } = party.info;
    this.#members.delete(callId);
    for (const other of this.#members.values()) {
      // Who whispered to it alone must not be heard by everybody now.
      if (other.effect.coach === callId) this.update(other.party.info.callId, { muted: true });
    }
    this.#services.room.leave(session);
    party.leg.background(null);
    this.#services.onLeft(callId);
    this.#tell(member, { type: 'conference_left', joinId: effect.joinId, reason });
  }

  #factsOf({ party, session, effect, joinedAtMs, muted, held }: Member): LiveParticipant {
    const { callId, callerNo } = party.info;
    const speaking = session === this.#services.room.activeSpeaker;
    return { callId, callerNo, joinedAtMs, muted, onHold: held, coaching: effect.coach, speaking };
  }

  /** Neither hears nor is heard. */
  #isOut(member: Member): boolean {
    return member.held || this.#startedAtMs === null;
  }

  #playMusic(member: Member): void {
    const isWanted = this.#isOut(member) || this.#members.size === 1;
    member.party.leg.background(isWanted ? member.music : null);
  }

  #tellOthers(member: Member, change: 'enter' | 'exit'): void {
    const others = [...this.#members.values()].filter((other) => other !== member);
    if (others.length === 0) return;
    this.#services.announce(member, change);
    const participants = this.#members.size;
    if (participants > LARGEST_TOLD) return;
    const { callId, callerNo } = member.party.info;
    for (const other of others) {
      const { joinId } = other.effect;
      this.#tell(other, { type: 'conference_participants', joinId, change, callId, callerNo, participants });
    }
  }

  #tell({ party, effect }: Member, input: CallInput): void {
    queueMicrotask(() => {
      if (party.over) return;
      // It may have left meanwhile, and then nothing of the others concerns it.
      const isLate = input.type === 'conference_participants' && this.#memberOf(party) !== effect;
      if (!isLate) party.post(input);
    });
  }

  #memberOf({ info }: Party): JoinEffect | undefined {
    return this.#members.get(info.callId)?.effect;
  }
}
