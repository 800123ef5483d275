import { newFrameRing } from '../mix/frame-ring.ts';
import type { FrameRingMemory } from '../mix/frame-ring-memory.ts';
import type { WorkerCommand, MemberSettings as WorkerMemberSettings } from '../worker/protocol.ts';

/** How a member takes part. */
export interface MemberSettings {
  muted: boolean;
  held: boolean;
  gainDb: number;
  /** The member that alone hears this one; null: everybody does. */
  coachOf: RoomMember | null;
}

/** A session in a room, as the control side knows it. */
export interface RoomMember {
  readonly sessionId: number;
  readonly worker: number;
  settings: MemberSettings;
  /** What carries a coach's voice to a member on another worker. */
  coachRing: { ring: FrameRingMemory; listener: RoomMember } | null;
}

export interface SpannedRoomOptions {
  roomId: number;
  /** Whether the workers report who speaks. */
  reportSpeakers: boolean;
  post: (worker: number, command: WorkerCommand) => void;
}

let nextRingId = 1;

/**
 * One room over the workers of its members: each worker with a member has a part that mixes them, and when there are
 * several parts each publishes its mix in a ring of shared memory that the others read.
 */
export class SpannedRoom {
  readonly #options: SpannedRoomOptions;
  readonly #members = new Map<number, RoomMember>();
  readonly #parts = new Map<number, FrameRingMemory>();

  constructor(options: SpannedRoomOptions) {
    this.#options = options;
  }

  get members(): Iterable<RoomMember> {
    return this.#members.values();
  }

  member(sessionId: number): RoomMember | undefined {
    return this.#members.get(sessionId);
  }

  /** A worker that has a part of the room; the given one when there is none yet. */
  partFor(fallbackWorker: number): number {
    for (const worker of this.#parts.keys()) return worker;
    this.#openPart(fallbackWorker);
    return fallbackWorker;
  }

  join(sessionId: number, worker: number, settings: MemberSettings): void {
    this.#openPart(worker);
    const member: RoomMember = { sessionId, worker, settings, coachRing: null };
    this.#members.set(sessionId, member);
    const { roomId } = this.#options;
    this.#options.post(worker, { type: 'joinRoom', roomId, sessionId, ...this.#settingsOf(member) });
  }

  update(member: RoomMember, settings: MemberSettings): void {
    member.settings = settings;
    const { roomId } = this.#options;
    const { sessionId, worker } = member;
    this.#options.post(worker, { type: 'updateMember', roomId, sessionId, ...this.#settingsOf(member) });
  }

  /** `ended`: the worker forgets the session by itself. */
  leave(sessionId: number, ended: boolean): void {
    const member = this.#members.get(sessionId);
    if (member === undefined) return;
    this.#members.delete(sessionId);
    this.#dropCoachRing(member);
    // Who coached it is heard by nobody until told otherwise.
    for (const coach of this.#members.values()) {
      if (coach.coachRing?.listener === member) coach.coachRing = null;
    }
    if (!ended) this.#options.post(member.worker, { type: 'leaveRoom', roomId: this.#options.roomId, sessionId });
  }

  /** Nothing of the room is left on a worker that died. */
  workerDied(worker: number): void {
    for (const { sessionId, worker: own } of [...this.#members.values()])
      if (own === worker) this.leave(sessionId, true);
    if (this.#parts.delete(worker)) this.#linkParts();
  }

  close(): void {
    for (const worker of this.#parts.keys())
      this.#options.post(worker, { type: 'closeRoom', roomId: this.#options.roomId });
    this.#parts.clear();
    this.#members.clear();
  }

  #openPart(worker: number): void {
    if (this.#parts.has(worker)) return;
    const { roomId, reportSpeakers } = this.#options;
    this.#parts.set(worker, { ringId: nextRingId++, memory: newFrameRing() });
    this.#options.post(worker, { type: 'openRoom', roomId, reportSpeakers });
    if (this.#parts.size > 1) this.#linkParts();
  }

  /** Tells every part what it publishes and what it hears; one alone publishes nothing. */
  #linkParts(): void {
    const { roomId } = this.#options;
    const alone = this.#parts.size < 2;
    for (const [worker, own] of this.#parts) {
      const heard = [...this.#parts.values()].filter((ring) => ring !== own);
      this.#options.post(worker, { type: 'linkRoom', roomId, publish: alone ? null : own, hear: heard });
    }
  }

  #settingsOf(member: RoomMember): WorkerMemberSettings {
    const { muted, held, gainDb, coachOf } = member.settings;
    if (coachOf === null || member.coachRing?.listener !== coachOf) this.#dropCoachRing(member);
    if (coachOf === null) return { muted, held, gainDb, coach: null };
    if (coachOf.worker === member.worker) {
      return { muted, held, gainDb, coach: { type: 'session', sessionId: coachOf.sessionId } };
    }
    member.coachRing ??= this.#carryCoach(coachOf);
    return { muted, held, gainDb, coach: { type: 'ring', ring: member.coachRing.ring } };
  }

  #carryCoach(listener: RoomMember): NonNullable<RoomMember['coachRing']> {
    const ring = { ringId: nextRingId++, memory: newFrameRing() };
    const { roomId } = this.#options;
    this.#options.post(listener.worker, { type: 'hearCoach', roomId, sessionId: listener.sessionId, ring });
    return { ring, listener };
  }

  #dropCoachRing(member: RoomMember): void {
    if (member.coachRing === null) return;
    const { ring, listener } = member.coachRing;
    member.coachRing = null;
    const { roomId } = this.#options;
    const { ringId } = ring;
    this.#options.post(listener.worker, { type: 'unhearCoach', roomId, sessionId: listener.sessionId, ringId });
  }
}
