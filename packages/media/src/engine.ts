import { randomInt } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { isIPv6 } from 'node:net';
import { Bridge } from './bridge.ts';
import type { CodecName } from './codec/audio-codec.ts';
import { MediaConfigError, MediaUsageError } from './control/errors.ts';
import { MediaWorkers } from './control/media-workers.ts';
import { PortPool } from './control/port-pool.ts';
import { PortRange } from './control/port-range.ts';
import { SpannedRoom } from './control/spanned-room.ts';
import { createCertificate, type DtlsCertificate } from './dtls/certificate.ts';
import {
  type MediaEngineOptions,
  recordingThreadCount,
  srtpSuites,
  workerCount,
  workerSettings,
} from './engine-options.ts';
import { MediaSession, type PromptRef } from './media-session.ts';
import { RecordingThreads } from './record/recording-threads.ts';
import { Room } from './room.ts';
import type { SecurityMethod } from './sdp/agreed-security.ts';
import type { SessionEvents } from './session/events.ts';
import { PROMPT_RATE_HZ, type PromptRateHz } from './session/prompt.ts';
import type { SrtpSuiteName } from './srtp/suite.ts';
import type { WorkerCommand, WorkerEvent, WorkerStats } from './worker/protocol.ts';

/** Figures of the engine now. */
export interface MediaEngineStats {
  sessions: number;
  prompts: number;
  freePorts: number;
  workers: (WorkerStats & { readyPorts: number; restingPorts: number })[];
}

/** Events of the engine. */
export interface MediaEngineEvents {
  /** A worker thread died with its sessions; another one takes its place. */
  workerFailed: [{ worker: number; reason: string }];
  /** A listener of a session threw. Without a listener here it is thrown on, as any uncaught error. */
  listenerError: [unknown];
}

const CLOSED = 'The media engine is closed';
const TEND_MS = 1000;
const CLOSE_GRACE_MS = 3000;
/** Long recordings take their time to be read once more for their checksum. */
const RECORDINGS_GRACE_MS = 15_000;

/** How a session is opened. */
export interface SessionOptions {
  /** Codecs we offer and answer with, the preferred one first. Default those of the engine. */
  offerCodecs?: readonly CodecName[];
  /** Comes before the others: that of the other leg, so that nothing need be converted. */
  firstCodec?: CodecName;
  /** Report what is heard as `audio` events: for a phone, not for a server's many calls. Default false. */
  capture?: boolean;
  /** How our offers are protected; those of the far side are answered as they are. Default `none`. */
  security?: SecurityMethod;
  /** The other leg: on the same worker packets go straight across a bridge. Another worker when that one has no ports. */
  beside?: MediaSession;
}

/** RTP for many calls, in worker threads that own their sockets and their clock. */
export class MediaEngine extends EventEmitter<MediaEngineEvents> {
  readonly #options: MediaEngineOptions;
  readonly #range: PortRange;
  readonly #ports: PortPool;
  readonly #workers: MediaWorkers;
  readonly #sessions = new Map<number, { session: MediaSession; worker: number }>();
  readonly #rooms = new Map<number, Room>();
  readonly #prompts = new Map<string, { samples: Int16Array; sampleRateHz: PromptRateHz }>();
  readonly #recordings: RecordingThreads;
  readonly #starting = Promise.withResolvers<void>();
  readonly #tending: NodeJS.Timeout;
  readonly #post = (worker: number, command: WorkerCommand) => this.#workers.post(worker, command);
  readonly #srtpSuites: readonly SrtpSuiteName[];
  #certificate: DtlsCertificate | null = null;
  #nextId = 1;
  #closing: Promise<void> | null = null;
  #bindError = '';

  /**
   * Starts the workers and binds the first ports.
   *
   * @throws MediaConfigError (rejects) for settings that cannot work, e.g. an address that is not of this machine.
   */
  static async start(options: MediaEngineOptions): Promise<MediaEngine> {
    const engine = new MediaEngine(options);
    try {
      await engine.#starting.promise;
    } catch (error) {
      await engine.close();
      throw error;
    }
    return engine;
  }

  private constructor(options: MediaEngineOptions) {
    super();
    this.#options = options;
    this.#srtpSuites = srtpSuites(options);
    const workers = workerCount(options);
    this.#workers = new MediaWorkers({
      count: workers,
      settings: workerSettings(options),
      onEvent: (worker, event) => this.#onEvent(worker, event),
      onStarted: (worker) => this.#loadPrompts(worker),
      onFailure: (worker, reason) => this.#onFailure(worker, reason),
    });
    this.#recordings = new RecordingThreads({
      threads: recordingThreadCount(options),
      connect: (worker, thread, port) => this.#workers.postPort(worker, { type: 'connectWriter', thread, port }, port),
    });
    this.#range = new PortRange(options.portLow, options.portHigh);
    this.#ports = new PortPool({
      range: this.#range,
      workers,
      minReady: options.minReadyPorts ?? 16,
      maxReady: options.maxReadyPorts ?? 512,
      restMs: options.portRestMs ?? 3000,
      bind: (worker, port) => this.#post(worker, { type: 'bind', port }),
      unbind: (worker, port) => this.#post(worker, { type: 'unbind', port }),
      now: () => performance.now(),
    });
    // After the start nobody waits for this any more; a later failure is told by `workerFailed`.
    this.#starting.promise.catch(() => {});
    this.#workers.start();
    this.#tending = setInterval(() => this.#tend(), TEND_MS);
    this.#tending.unref();
  }

  /**
   * Reserves an RTP port on the worker with the fewest sessions. Does not wait for the system while the pool holds out.
   *
   * @throws MediaPortsExhausted (rejects)
   */
  async createSession(options: SessionOptions = {}): Promise<MediaSession> {
    const {
      offerCodecs = this.#options.codecs ?? ['PCMU', 'PCMA'],
      firstCodec,
      capture = false,
      security = 'none',
      beside,
    } = options;
    if (this.#closing !== null) throw new MediaUsageError(CLOSED);
    const { worker, port } = await this.#ports.take(beside?.worker);
    // It may have closed meanwhile.
    if (this.#closing !== null) throw new MediaUsageError(CLOSED);
    const id = this.#nextId++;
    const suites = this.#srtpSuites;
    const certificate = () => this.#ownCertificate();
    const session = new MediaSession({
      id,
      worker,
      negotiation: {
        sessionId: String(randomInt(1, 2 ** 47)),
        address: this.#options.advertiseHost ?? this.#options.host,
        port,
        family: isIPv6(this.#options.host) ? 6 : 4,
        codecs: firstCodec === undefined ? offerCodecs : [...new Set([firstCodec, ...offerCodecs])],
        preferOwnOrder: this.#options.preferOwnOrder ?? false,
        security: { suites, offers: security, fingerprint: () => certificate().fingerprint },
      },
      protection: { suites, certificate, timeoutMs: this.#options.dtlsTimeoutMs ?? 30_000 },
      post: (command) => this.#post(worker, command),
      hasPrompt: (promptId) => this.#prompts.has(promptId),
      beginRecording: (recordingId, onEnd) => {
        if (this.#recordings.has(recordingId)) {
          throw new MediaUsageError(`A recording "${recordingId}" is already running`);
        }
        return this.#recordings.begin(recordingId, worker, (end) => this.#guard(() => onEnd(end)));
      },
    });
    this.#sessions.set(id, { session, worker });
    this.#post(worker, { type: 'openSession', sessionId: id, port, capture });
    return session;
  }

  /**
   * Lets two sessions hear each other from now on.
   *
   * @throws MediaUsageError when one of them is closed or in a bridge or room already.
   */
  bridge(a: MediaSession, b: MediaSession): Bridge {
    if (this.#closing !== null) throw new MediaUsageError(CLOSED);
    if (a === b) throw new MediaUsageError(`Media session ${a.id} cannot be bridged with itself`);
    return new Bridge({ bridgeId: this.#nextId++, sessions: [a, b], post: this.#post });
  }

  /** Opens a conference, at first without members. */
  createRoom(): Room {
    if (this.#closing !== null) throw new MediaUsageError(CLOSED);
    const roomId = this.#nextId++;
    const room = new Room({
      roomId,
      spanned: new SpannedRoom({ roomId, reportSpeakers: true, post: this.#post }),
      post: this.#post,
      hasPrompt: (promptId) => this.#prompts.get(promptId)?.sampleRateHz === PROMPT_RATE_HZ,
      sessionOf: (sessionId) => this.#sessions.get(sessionId)?.session,
      spareWorker: roomId % this.#workers.count,
      onClosed: () => this.#rooms.delete(roomId),
    });
    this.#rooms.set(roomId, room);
    return room;
  }

  /**
   * Gives every worker a prompt, once; the samples are shared, not copied, and must not change any more. One at 16 kHz is
   * for calls whose {@link MediaSession.promptRateHz} it is: others hear it converted, at a cost, and rooms refuse it.
   *
   * @throws MediaUsageError when the id is taken, the samples are not on a SharedArrayBuffer or not at 8000 or 16,000 Hz.
   */
  loadPrompt(prompt: { id: string; samples: Int16Array; sampleRateHz: number }): PromptRef {
    const { id, samples, sampleRateHz } = prompt;
    if (this.#prompts.has(id)) throw new MediaUsageError(`A prompt "${id}" is already loaded`);
    if (!(samples.buffer instanceof SharedArrayBuffer)) {
      throw new MediaUsageError(`The samples of prompt "${id}" must be on a SharedArrayBuffer`);
    }
    if (sampleRateHz !== 8000 && sampleRateHz !== 16_000) {
      throw new MediaUsageError(`Prompt "${id}" has ${sampleRateHz} Hz; prompts have 8000 or 16000 Hz`);
    }
    this.#prompts.set(id, { samples, sampleRateHz });
    this.#workers.postAll({ type: 'loadPrompt', promptId: id, samples, sampleRateHz });
    return { id, durationMs: (samples.length * 1000) / sampleRateHz };
  }

  /** Forgets a prompt. Playbacks of it go on to their end. */
  dropPrompt(promptId: string): void {
    if (!this.#prompts.delete(promptId)) return;
    this.#workers.postAll({ type: 'dropPrompt', promptId });
  }

  /** Asks every worker for its figures. */
  async stats(): Promise<MediaEngineStats> {
    const workers = await Promise.all(
      Array.from({ length: this.#workers.count }, async (_, worker) => {
        const stats = await this.#workers.stats(worker);
        const { ready, resting } = this.#ports.counts(worker);
        return { ...stats, readyPorts: ready, restingPorts: resting };
      }),
    );
    return {
      sessions: this.#sessions.size,
      prompts: this.#prompts.size,
      freePorts: this.#range.freeCount,
      workers,
    };
  }

  /** Ends all sessions, sockets and workers; resolves when the threads are gone. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearInterval(this.#tending);
    this.#ports.close(new MediaUsageError(CLOSED));
    await this.#workers.close(CLOSE_GRACE_MS);
    await this.#recordings.close(RECORDINGS_GRACE_MS);
    const left = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const { session } of left) this.#guard(() => session.fail('The media engine was closed'));
    for (const room of [...this.#rooms.values()]) this.#guard(() => room.close());
  }

  /** One for all sessions, made when the first one needs it. */
  #ownCertificate(): DtlsCertificate {
    this.#certificate ??= createCertificate(Date.now());
    return this.#certificate;
  }

  #loadPrompts(worker: number): void {
    for (const [promptId, prompt] of this.#prompts) this.#post(worker, { type: 'loadPrompt', promptId, ...prompt });
  }

  #onEvent(worker: number, event: WorkerEvent): void {
    switch (event.type) {
      case 'ready':
        this.#ports.workerUp(worker);
        break;
      case 'bound':
        this.#ports.bound(worker, event.port);
        this.#checkStarted();
        break;
      case 'bindFailed':
        this.#bindError = `port ${event.port}: ${event.errorCode}`;
        this.#ports.bindFailed(worker, event.port);
        this.#checkStarted();
        break;
      case 'strayPacket':
        this.#ports.disturbed(worker, event.port);
        break;
      case 'sessionEvent':
        this.#deliver(event.sessionId, event.name, event.event);
        break;
      case 'sessionFailed':
        this.#guard(() => this.#sessions.get(event.sessionId)?.session.emit('failed', { reason: event.reason }));
        break;
      case 'sessionClosed': {
        const session = this.#sessions.get(event.sessionId)?.session;
        this.#sessions.delete(event.sessionId);
        if (session === undefined) break;
        this.#ports.release(worker, session.port);
        this.#guard(() => session.finish(event.stats));
        break;
      }
      case 'sessionRead':
        this.#sessions.get(event.sessionId)?.session.told(event.stats);
        break;
      case 'dtlsReceived':
        this.#guard(() => this.#sessions.get(event.sessionId)?.session.receiveDtls(event.datagram));
        break;
      case 'pathFound':
        this.#guard(() => this.#sessions.get(event.sessionId)?.session.pathFound());
        break;
      case 'roomPlaybackEnded':
        this.#guard(() => this.#rooms.get(event.roomId)?.receivePlaybackEnd(event.playbackId, event.outcome));
        break;
      case 'roomSpeaker':
        this.#guard(() => this.#rooms.get(event.roomId)?.receiveSpeaker(worker, event.sessionId, event.level));
        break;
      case 'recordingRefused':
        this.#recordings.refuse(event.recording);
        break;
    }
  }

  #deliver<Name extends keyof SessionEvents>(sessionId: number, name: Name, event: SessionEvents[Name]): void {
    this.#guard(() => this.#sessions.get(sessionId)?.session.receive(name, event));
  }

  /** A listener that throws must not keep the engine from its work. */
  #guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (this.listenerCount('listenerError') === 0) throw error;
      this.emit('listenerError', error);
    }
  }

  #onFailure(worker: number, reason: string): void {
    this.#ports.workerDown(worker);
    this.#recordings.workerGone(worker);
    for (const [id, entry] of this.#sessions) {
      if (entry.worker !== worker) continue;
      this.#sessions.delete(id);
      this.#guard(() => entry.session.fail(reason));
    }
    for (const room of this.#rooms.values()) this.#guard(() => room.workerDied(worker));
    this.#starting.reject(new MediaConfigError(`A media worker did not start: ${reason}`));
    this.emit('workerFailed', { worker, reason });
  }

  #tend(): void {
    this.#ports.tend();
    this.#workers.tend();
  }

  #checkStarted(): void {
    const counts = Array.from({ length: this.#workers.count }, (_, worker) => this.#ports.counts(worker));
    if (counts.some(({ binding }) => binding > 0)) return;
    if (counts.every(({ ready }) => ready > 0)) this.#starting.resolve();
    else if (this.#range.freeCount === 0) {
      const { host, portLow, portHigh } = this.#options;
      this.#starting.reject(
        new MediaConfigError(
          `Not enough RTP ports of ${portLow}-${portHigh} can be bound on ${host} for ${counts.length} workers ` +
            `(last failure: ${this.#bindError || 'none'}); change the host, the range or the number of workers`,
        ),
      );
    }
  }
}
