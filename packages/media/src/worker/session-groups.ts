import { StreamBridge } from '../bridge/stream-bridge.ts';
import { type PartSettings, RoomPart } from '../mix/room-part.ts';
import { FRAME_MS } from '../session/frame-stage.ts';
import type { Prompt } from '../session/prompt.ts';
import type { RtpStream } from '../session/rtp-stream.ts';
import { PacketSchedule, TICK_MS } from './packet-schedule.ts';
import type { MemberSettings, WorkerCommand, WorkerEvent } from './protocol.ts';

const FRAME_TICKS = FRAME_MS / TICK_MS;

/** The commands about sessions that hear each other. */
export type GroupCommand = Extract<WorkerCommand, { bridgeId: number } | { roomId: number }>;

export interface SessionGroupsOptions {
  streamOf: (sessionId: number) => RtpStream | undefined;
  promptOf: (promptId: string) => Prompt | undefined;
  now: () => number;
  post: (event: WorkerEvent) => void;
  /** The first mix runs, or the last one ended. */
  onMixes: () => void;
}

interface Room {
  part: RoomPart;
  sessionIds: WeakMap<RtpStream, number>;
}

/** A worker's bridges and its parts of rooms. Commands about what has ended are ignored. */
export class SessionGroups {
  readonly #options: SessionGroupsOptions;
  readonly #bridges = new Map<number, StreamBridge>();
  readonly #rooms = new Map<number, Room>();
  readonly #schedule = new PacketSchedule<RoomPart>();

  constructor(options: SessionGroupsOptions) {
    this.#options = options;
  }

  /** How many mixes run. */
  get mixes(): number {
    return this.#schedule.size;
  }

  /** Mixes what is due; before the packets of the same tick are sent. */
  run(tick: number, nowMs: number): void {
    this.#schedule.run(tick, nowMs);
  }

  handle(command: GroupCommand): void {
    if (command.type === 'bridge') this.#bridge(command.bridgeId, command.sessionIds);
    else if (command.type === 'unbridge') this.#unbridge(command.bridgeId);
    else if (command.type === 'openRoom') this.#openRoom(command.roomId, command.reportSpeakers);
    else {
      const room = this.#rooms.get(command.roomId);
      if (room !== undefined) this.#handleForRoom(room, command);
      else if (command.type === 'playInRoom') this.#endPlayback(command.roomId, command.playbackId, 'stopped');
    }
  }

  /** The worker ends, after its sessions: nobody hears the last sound of the rooms. */
  close(): void {
    for (const { part } of this.#rooms.values()) part.close();
    this.#rooms.clear();
  }

  #handleForRoom(room: Room, command: Exclude<GroupCommand, { type: 'bridge' | 'unbridge' | 'openRoom' }>): void {
    const { part } = room;
    const { roomId } = command;
    switch (command.type) {
      case 'linkRoom':
        part.link(command.publish, command.hear);
        return;
      case 'playInRoom': {
        const { playbackId, promptId, exceptFor } = command;
        const prompt = this.#options.promptOf(promptId);
        const deaf = exceptFor === null ? null : (this.#options.streamOf(exceptFor) ?? null);
        if (prompt === undefined) this.#endPlayback(roomId, playbackId, 'stopped');
        else part.play(playbackId, prompt.samples, deaf, (outcome) => this.#endPlayback(roomId, playbackId, outcome));
        return;
      }
      case 'stopRoomPlayback':
        part.stopPlayback(command.playbackId);
        return;
      case 'closeRoom':
        this.#rooms.delete(roomId);
        part.close();
        return;
    }
    const stream = this.#options.streamOf(command.sessionId);
    if (stream === undefined) return;
    switch (command.type) {
      case 'joinRoom':
        stream.group = part;
        room.sessionIds.set(stream, command.sessionId);
        part.join(stream, this.#settings(command));
        break;
      case 'updateMember':
        part.update(stream, this.#settings(command));
        break;
      case 'leaveRoom':
        part.leave(stream);
        if (stream.group === part) stream.group = null;
        break;
      case 'hearCoach':
        part.hearCoach(stream, command.ring);
        break;
      case 'unhearCoach':
        part.unhearCoach(stream, command.ringId);
        break;
    }
  }

  #bridge(bridgeId: number, [first, second]: readonly [number, number]): void {
    const [a, b] = [this.#options.streamOf(first), this.#options.streamOf(second)];
    if (a === undefined || b === undefined) return;
    const bridge = new StreamBridge({
      streams: [a, b],
      now: this.#options.now,
      openRoom: () => this.#openPart(null),
      onEnd: () => this.#bridges.delete(bridgeId),
    });
    this.#bridges.set(bridgeId, bridge);
  }

  #unbridge(bridgeId: number): void {
    this.#bridges.get(bridgeId)?.close();
    this.#bridges.delete(bridgeId);
  }

  #openRoom(roomId: number, reportSpeakers: boolean): void {
    const sessionIds = new WeakMap<RtpStream, number>();
    const report = (stream: RtpStream | null, level: number) => {
      const sessionId = stream === null ? null : (sessionIds.get(stream) ?? null);
      this.#options.post({ type: 'roomSpeaker', roomId, sessionId, level });
    };
    this.#rooms.set(roomId, { part: this.#openPart(reportSpeakers ? report : null), sessionIds });
  }

  #openPart(onSpeaker: ((stream: RtpStream | null, level: number) => void) | null): RoomPart {
    const part: RoomPart = new RoomPart({
      now: this.#options.now,
      onSpeaker,
      onSilent: () => {
        this.#schedule.delete(part);
        this.#options.onMixes();
      },
    });
    this.#schedule.set(part, FRAME_TICKS);
    this.#options.onMixes();
    return part;
  }

  #settings({ muted, held, gainDb, coach }: MemberSettings): PartSettings {
    const heardBy =
      coach?.type === 'session' ? (this.#options.streamOf(coach.sessionId) ?? null) : (coach?.ring ?? null);
    // A coach whose listener is gone is heard by nobody.
    const isLost = coach !== null && heardBy === null;
    return { muted: muted || isLost, held, gainDb, coach: heardBy };
  }

  #endPlayback(roomId: number, playbackId: string, outcome: 'completed' | 'stopped'): void {
    this.#options.post({ type: 'roomPlaybackEnded', roomId, playbackId, outcome });
  }
}
