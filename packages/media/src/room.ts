import { EventEmitter } from 'node:events';
import { MediaUsageError } from './control/errors.ts';
import type { SessionGroup } from './control/session-group.ts';
import type { MemberSettings, SpannedRoom } from './control/spanned-room.ts';
import type { MediaSession, PromptRef } from './media-session.ts';
import { TAKE_OVER_RATIO } from './mix/active-speaker.ts';
import type { PlaybackOutcome } from './session/events.ts';
import type { WorkerCommand } from './worker/protocol.ts';

/** How a session takes part in a room from now on; what is left out stays as it is. */
export interface MemberOptions {
  /** Hears, but is not heard. Default false. */
  muted?: boolean;
  /** Neither hears nor is heard; what is played to the session itself is heard. Default false. */
  held?: boolean;
  /** How much louder the others hear it, from -60 to 30. Default 0. */
  gainDb?: number;
  /** Who alone hears it: a coach that whispers to one member. Default null: everybody. */
  coach?: MediaSession | null;
}

/** Events of a room with their arguments. */
export interface RoomEvents {
  /** {@link Room.activeSpeaker} is another one. */
  activeSpeaker: [{ session: MediaSession | null }];
  /** Exactly once for every {@link Room.play}. */
  playbackEnded: [{ playbackId: string; outcome: PlaybackOutcome }];
}

export interface RoomInternals {
  roomId: number;
  spanned: SpannedRoom;
  post: (worker: number, command: WorkerCommand) => void;
  /** At 8 kHz, as rooms play them. */
  hasPrompt: (promptId: string) => boolean;
  sessionOf: (sessionId: number) => MediaSession | undefined;
  /** Where a room without members mixes what is played into it. */
  spareWorker: number;
  onClosed: () => void;
}

const MIN_GAIN_DB = -60;
const MAX_GAIN_DB = 30;

/** A conference: every member hears all the others, on whichever worker they are. */
export class Room extends EventEmitter<RoomEvents> implements SessionGroup {
  readonly #internals: RoomInternals;
  readonly #playbacks = new Map<string, { worker: number }>();
  /** Who speaks on each worker. */
  readonly #speakers = new Map<number, { sessionId: number; level: number }>();
  #activeSpeaker: number | null = null;
  #closed = false;

  /** Made by {@link MediaEngine.createRoom} only. */
  constructor(internals: RoomInternals) {
    super();
    this.#internals = internals;
  }

  /** Who speaks to all now; null after a pause of everybody. Never one that is muted, on hold or a coach. */
  get activeSpeaker(): MediaSession | null {
    return this.#activeSpeaker === null ? null : (this.#internals.sessionOf(this.#activeSpeaker) ?? null);
  }

  /**
   * From now on the session hears the others and they hear it.
   *
   * @throws MediaUsageError when the session is closed or in a bridge or room already, or the coached one is no member.
   * @throws RangeError for a gain out of bounds.
   */
  join(session: MediaSession, options: MemberOptions = {}): void {
    this.#assertOpen('join');
    const settings = this.#settings(options, { muted: false, held: false, gainDb: 0, coachOf: null });
    session.enter(this);
    this.#internals.spanned.join(session.id, session.worker, settings);
  }

  /**
   * Changes how a member takes part.
   *
   * @throws MediaUsageError when the session, or the one it shall coach, is no member.
   * @throws RangeError for a gain out of bounds.
   */
  update(session: MediaSession, options: MemberOptions): void {
    this.#assertOpen('update a member');
    const { spanned } = this.#internals;
    const member = spanned.member(session.id);
    if (member === undefined) throw new MediaUsageError(`Media session ${session.id} is not in this room`);
    spanned.update(member, this.#settings(options, member.settings));
    this.#chooseSpeaker();
  }

  /** The session goes on with silence. Nothing when it is no member. */
  leave(session: MediaSession): void {
    if (this.#internals.spanned.member(session.id) === undefined) return;
    this.#forget(session, false);
    session.exit(this);
  }

  /**
   * Plays a prompt to all members that are not on hold, beside what is spoken and beside other playbacks.
   *
   * @param options `exceptFor`: the one that does not hear it.
   * @throws MediaUsageError when the prompt is not loaded or the id is already playing.
   */
  play(playbackId: string, prompt: PromptRef, options: { exceptFor?: MediaSession } = {}): void {
    this.#assertOpen('play');
    const { roomId, spanned, post, hasPrompt, spareWorker } = this.#internals;
    if (!hasPrompt(prompt.id)) throw new MediaUsageError(`The prompt "${prompt.id}" is not loaded at 8 kHz`);
    if (this.#playbacks.has(playbackId)) throw new MediaUsageError(`A playback "${playbackId}" is already running`);
    const deaf = options.exceptFor === undefined ? undefined : spanned.member(options.exceptFor.id);
    const worker = deaf?.worker ?? spanned.partFor(spareWorker);
    this.#playbacks.set(playbackId, { worker });
    const exceptFor = deaf?.sessionId ?? null;
    post(worker, { type: 'playInRoom', roomId, playbackId, promptId: prompt.id, exceptFor });
  }

  /** `playbackEnded` with `stopped` follows. Nothing when it has ended. */
  stopPlayback(playbackId: string): void {
    const playback = this.#playbacks.get(playbackId);
    if (playback === undefined) return;
    this.#internals.post(playback.worker, { type: 'stopRoomPlayback', roomId: this.#internals.roomId, playbackId });
  }

  /** All members go on with silence; playbacks end as stopped. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { spanned, sessionOf, onClosed } = this.#internals;
    for (const { sessionId } of spanned.members) sessionOf(sessionId)?.exit(this);
    spanned.close();
    this.#activeSpeaker = null;
    onClosed();
    for (const playbackId of this.#playbacks.keys()) this.receivePlaybackEnd(playbackId, 'stopped');
  }

  /** @internal */
  sessionEnded(session: MediaSession): void {
    this.#forget(session, true);
  }

  /** @internal A worker's part tells that a playback ended. */
  receivePlaybackEnd(playbackId: string, outcome: PlaybackOutcome): void {
    if (this.#playbacks.delete(playbackId)) this.emit('playbackEnded', { playbackId, outcome });
  }

  /** @internal A worker's part tells who is the loudest of its members. */
  receiveSpeaker(worker: number, sessionId: number | null, level: number): void {
    if (sessionId === null) this.#speakers.delete(worker);
    else this.#speakers.set(worker, { sessionId, level });
    this.#chooseSpeaker();
  }

  /** @internal */
  workerDied(worker: number): void {
    const { spanned } = this.#internals;
    spanned.workerDied(worker);
    this.#speakers.delete(worker);
    this.#chooseSpeaker();
    for (const [playbackId, playback] of this.#playbacks) {
      if (playback.worker === worker) this.receivePlaybackEnd(playbackId, 'stopped');
    }
  }

  #forget(session: MediaSession, ended: boolean): void {
    this.#internals.spanned.leave(session.id, ended);
    for (const [worker, { sessionId }] of this.#speakers) if (sessionId === session.id) this.#speakers.delete(worker);
    this.#chooseSpeaker();
  }

  #chooseSpeaker(): void {
    let loudest: { sessionId: number; level: number } | null = null;
    for (const { sessionId, level } of this.#speakers.values()) {
      if (!this.#mayTakeFloor(sessionId)) continue;
      const weight = sessionId === this.#activeSpeaker ? level * TAKE_OVER_RATIO : level;
      if (loudest === null || weight > loudest.level) loudest = { sessionId, level: weight };
    }
    const sessionId = loudest?.sessionId ?? null;
    if (sessionId === this.#activeSpeaker) return;
    this.#activeSpeaker = sessionId;
    this.emit('activeSpeaker', { session: this.activeSpeaker });
  }

  /** What a worker tells may be older than what it was told. */
  #mayTakeFloor(sessionId: number): boolean {
    const settings = this.#internals.spanned.member(sessionId)?.settings;
    return settings !== undefined && !settings.muted && !settings.held && settings.coachOf === null;
  }

  #settings(options: MemberOptions, before: MemberSettings): MemberSettings {
    const { muted = before.muted, held = before.held, gainDb = before.gainDb, coach } = options;
    if (!(gainDb >= MIN_GAIN_DB && gainDb <= MAX_GAIN_DB)) {
      throw new RangeError(`gainDb must be from ${MIN_GAIN_DB} to ${MAX_GAIN_DB}, not ${gainDb}`);
    }
    if (coach === undefined) return { muted, held, gainDb, coachOf: before.coachOf };
    if (coach === null) return { muted, held, gainDb, coachOf: null };
    const coachOf = this.#internals.spanned.member(coach.id);
    if (coachOf === undefined) throw new MediaUsageError(`Media session ${coach.id} is not in this room to be coached`);
    return { muted, held, gainDb, coachOf };
  }

  #assertOpen(act: string): void {
    if (this.#closed) throw new MediaUsageError(`This room is closed; nobody can ${act} any more`);
  }
}
