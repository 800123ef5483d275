import { randomInt } from 'node:crypto';
import { NO_STATS, type ReportEvent } from '../session/events.ts';
import { FRAME_MS, type FrameClock, FrameStage } from '../session/frame-stage.ts';
import { RtpStream } from '../session/rtp-stream.ts';
import { Clock, type ClockTime } from './clock.ts';
import { PacketSchedule, TICK_MS } from './packet-schedule.ts';
import type { BindSocket, PacketSocket } from './packet-socket.ts';
import { PromptStore } from './prompt-store.ts';
import type { WorkerCommand, WorkerEvent, WorkerSettings } from './protocol.ts';
import { type GroupCommand, SessionGroups } from './session-groups.ts';
import { isTapCommand, SessionTaps, type TapCommand } from './session-taps.ts';

const STRAY_REPORT_MS = 1000;

export interface MediaWorkerOptions {
  settings: WorkerSettings;
  bind: BindSocket;
  time: ClockTime;
  post: (event: WorkerEvent) => void;
}

type SessionCommand = Extract<
  WorkerCommand,
  {
    type: 'configure' | 'secure' | 'setSrtpKeys' | 'sendDtls' | 'startSession' | 'play' | 'stopPlayback' | 'sendDigits';
  }
>;

interface Session {
  stream: RtpStream;
  socket: PacketSocket;
  packetTicks: number;
  started: boolean;
}

/** One worker's whole state: sockets, sessions, prompts and the clock. Commands for sessions that ended are ignored. */
export class MediaWorker {
  readonly #options: MediaWorkerOptions;
  readonly #clock: Clock;
  readonly #schedule = new PacketSchedule<RtpStream>();
  /** Sessions whose sound is wanted by others than a mix. */
  readonly #stages = new PacketSchedule<FrameStage>();
  readonly #stageClock: FrameClock = {
    start: (stage) => {
      this.#stages.set(stage, FRAME_MS / TICK_MS);
      this.#setClock();
    },
    stop: (stage) => {
      this.#stages.delete(stage);
      this.#setClock();
    },
  };
  readonly #groups: SessionGroups;
  readonly #taps: SessionTaps;
  readonly #prompts: PromptStore;
  readonly #sockets = new Map<number, PacketSocket>();
  /** By the RTP port before theirs: they stay bound as long as that. */
  readonly #rtcpSockets = new Map<number, PacketSocket>();
  readonly #sessions = new Map<number, Session>();

  constructor(options: MediaWorkerOptions) {
    this.#options = options;
    this.#prompts = new PromptStore(options.settings.promptCacheBytes);
    this.#clock = new Clock({
      tickMs: TICK_MS,
      maxCatchUpMs: options.settings.maxCatchUpMs,
      time: options.time,
      onTick: (tick, nowMs) => {
        this.#groups.run(tick, nowMs);
        this.#stages.run(tick, nowMs);
        this.#schedule.run(tick, nowMs);
      },
    });
    this.#taps = new SessionTaps({
      streamOf: (sessionId) => this.#sessions.get(sessionId)?.stream,
      now: options.time.now,
      post: options.post,
      utteranceBytes: options.settings.utteranceBytes,
    });
    this.#groups = new SessionGroups({
      streamOf: (sessionId) => this.#sessions.get(sessionId)?.stream,
      promptOf: (promptId) => this.#prompts.get(promptId),
      now: options.time.now,
      post: options.post,
      onMixes: () => this.#setClock(),
    });
  }

  handle(command: WorkerCommand): void {
    switch (command.type) {
      case 'bind':
        this.#bind(command.port);
        break;
      case 'unbind':
        this.#unbind(command.port);
        break;
      case 'openSession':
        this.#openSession(command.sessionId, command.port, command.capture);
        break;
      case 'closeSession':
        this.#closeSession(command.sessionId);
        break;
      case 'loadPrompt':
        this.#prompts.load(command.promptId, command.samples, command.sampleRateHz);
        break;
      case 'dropPrompt':
        this.#prompts.drop(command.promptId);
        break;
      case 'readSession':
        this.#postSessionStats(command.sessionId);
        break;
      case 'readStats':
        this.#postStats(command.requestId);
        break;
      case 'shutDown':
        this.#shutDown();
        break;
      default:
        if ('roomId' in command || 'bridgeId' in command) this.#tryForGroup(command);
        else if (isTapCommand(command)) this.#tryForTap(command);
        else this.#tryForSession(command);
    }
  }

  #tryForGroup(command: GroupCommand): void {
    try {
      this.#groups.handle(command);
    } catch (error) {
      const sessionIds =
        'sessionIds' in command ? command.sessionIds : 'sessionId' in command ? [command.sessionId] : [];
      if (sessionIds.length === 0) throw error;
      for (const sessionId of sessionIds) this.#failSession(sessionId, error);
    }
  }

  #tryForTap(command: TapCommand): void {
    try {
      this.#taps.handle(command);
    } catch (error) {
      if (!('sessionId' in command)) throw error;
      this.#failSession(command.sessionId, error);
    }
  }

  #tryForSession(command: SessionCommand): void {
    try {
      this.#handleForSession(command);
    } catch (error) {
      this.#failSession(command.sessionId, error);
    }
  }

  #handleForSession(command: SessionCommand): void {
    const session = this.#sessions.get(command.sessionId);
    if (session === undefined) return;
    const { outgoing } = session.stream;
    switch (command.type) {
      case 'configure':
        session.packetTicks = command.agreement.packetMs / TICK_MS;
        session.stream.configure(command.agreement);
        if (session.started) this.#schedule.set(session.stream, session.packetTicks);
        break;
      case 'secure':
        session.stream.secure(command.security);
        break;
      case 'setSrtpKeys':
        session.stream.setKeys(command.keys);
        break;
      case 'sendDtls':
        session.stream.sendUnprotected(command.datagram);
        break;
      case 'startSession':
        session.started = true;
        this.#schedule.set(session.stream, session.packetTicks);
        this.#setClock();
        break;
      case 'play': {
        const prompt = this.#prompts.get(command.promptId);
        if (prompt === undefined) this.#refuse(command.sessionId, command.playbackId);
        else outgoing.play(command.playbackId, prompt, command.offsetMs);
        break;
      }
      case 'stopPlayback':
        outgoing.stopPlayback(command.playbackId);
        break;
      case 'sendDigits':
        outgoing.sendDigits(command.digits, command.toneMs, command.gapMs, command.forwarded !== true);
        break;
    }
  }

  /** The prompt is gone, dropped while the command was on its way. */
  #refuse(sessionId: number, playbackId: string): void {
    const event = { playbackId, outcome: 'stopped' } as const;
    this.#options.post({ type: 'sessionEvent', sessionId, name: 'playbackEnded', event });
  }

  #bind(port: number): void {
    this.#options.bind(this.#options.settings.host, port, (socket, errorCode) => {
      if (socket === null) {
        this.#options.post({ type: 'bindFailed', port, errorCode });
        return;
      }
      this.#sockets.set(port, socket);
      this.#watchForStrays(socket);
      this.#options.post({ type: 'bound', port });
    });
  }

  #unbind(port: number): void {
    this.#sockets.get(port)?.close();
    this.#sockets.delete(port);
    this.#rtcpSockets.get(port)?.close();
    this.#rtcpSockets.delete(port);
  }

  /** Binds the port after the RTP port when a session first needs it. */
  #openRtcpSocket(rtpPort: number, opened: (socket: PacketSocket | null) => void): void {
    const known = this.#rtcpSockets.get(rtpPort);
    if (known !== undefined) {
      opened(known);
      return;
    }
    this.#options.bind(this.#options.settings.host, rtpPort + 1, (socket) => {
      // The RTP port may be gone meanwhile, or another session of the same port was faster.
      if (!this.#sockets.has(rtpPort) || this.#rtcpSockets.has(rtpPort)) {
        socket?.close();
        opened(this.#rtcpSockets.get(rtpPort) ?? null);
        return;
      }
      if (socket !== null) this.#rtcpSockets.set(rtpPort, socket);
      opened(socket);
    });
  }

  #watchForStrays(socket: PacketSocket): void {
    let reportAtMs = Number.NEGATIVE_INFINITY;
    socket.onPacket = () => {
      const nowMs = this.#options.time.now();
      if (nowMs < reportAtMs) return;
      reportAtMs = nowMs + STRAY_REPORT_MS;
      this.#options.post({ type: 'strayPacket', port: socket.port });
    };
  }

  #openSession(sessionId: number, port: number, capture: boolean): void {
    const socket = this.#sockets.get(port);
    if (socket === undefined) {
      const reason = `Session ${sessionId} was opened on port ${port}, which is not bound in this worker`;
      this.#options.post({ type: 'sessionFailed', sessionId, reason });
      this.#options.post({ type: 'sessionClosed', sessionId, stats: NO_STATS });
      return;
    }
    const { settings, post, time } = this.#options;
    const report: ReportEvent = (name, event) =>
      post({ type: 'sessionEvent', sessionId, name, event } as WorkerEvent & { type: 'sessionEvent' });
    const stream = new RtpStream({
      socket,
      stage: new FrameStage(this.#stageClock, (error) => this.#failSession(sessionId, error)),
      report,
      secure: {
        consentMs: settings.iceConsentMs,
        // The bytes are the socket's.
        onDtls: (datagram) => post({ type: 'dtlsReceived', sessionId, datagram: Uint8Array.from(datagram) }),
        onPath: () => post({ type: 'pathFound', sessionId }),
        onConsentLost: (silentMs) => report('consentLost', { silentMs }),
      },
      now: time.now,
      fail: (error) => this.#failSession(sessionId, error),
      tickMs: TICK_MS,
      latchTimes: settings.latchTimes,
      rtpTimeoutMs: settings.rtpTimeoutMs,
      rtcp:
        settings.rtcpIntervalMs === 0
          ? null
          : {
              intervalMs: settings.rtcpIntervalMs,
              openSocket: (opened) => this.#openRtcpSocket(port, opened),
            },
      capture,
      ssrc: randomInt(2 ** 32) | 0,
      // Below half, so that SRTP's receiver cannot mistake the first wrap (RFC 3711 §3.3.1).
      firstSequence: randomInt(2 ** 15),
      firstTimestamp: randomInt(2 ** 32) | 0,
    });
    this.#sessions.set(sessionId, { stream, socket, packetTicks: 0, started: false });
  }

  #closeSession(sessionId: number): void {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return;
    this.#sessions.delete(sessionId);
    this.#schedule.delete(session.stream);
    this.#taps.ends(sessionId);
    const stats = session.stream.close();
    this.#setClock();
    this.#watchForStrays(session.socket);
    this.#options.post({ type: 'sessionClosed', sessionId, stats });
  }

  /** The clock runs while anything needs it. */
  #setClock(): void {
    if (this.#schedule.size + this.#stages.size + this.#groups.mixes === 0) this.#clock.stop();
    else this.#clock.start();
  }

  #failSession(sessionId: number, error: unknown): void {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.post({ type: 'sessionFailed', sessionId, reason });
    this.#closeSession(sessionId);
  }

  #postSessionStats(sessionId: number): void {
    const session = this.#sessions.get(sessionId);
    if (session !== undefined) this.#options.post({ type: 'sessionRead', sessionId, stats: session.stream.stats });
  }

  #postStats(requestId: number): void {
    this.#options.post({
      type: 'stats',
      requestId,
      stats: {
        sessions: this.#sessions.size,
        sockets: this.#sockets.size,
        promptCacheBytes: this.#prompts.cachedBytes,
        clock: this.#clock.stats,
      },
    });
  }

  #shutDown(): void {
    for (const sessionId of [...this.#sessions.keys()]) this.#closeSession(sessionId);
    this.#groups.close();
    this.#taps.close();
    this.#clock.stop();
    for (const port of [...this.#sockets.keys()]) this.#unbind(port);
  }
}
