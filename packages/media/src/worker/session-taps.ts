import { Analysis } from '../detect/analysis.ts';
import type { Finding } from '../detect/finding.ts';
import { UtteranceDetector } from '../listen/utterance-detector.ts';
import { UtteranceMemory } from '../listen/utterance-memory.ts';
import type { Channel } from '../record/protocol.ts';
import { SessionRecordings } from '../record/session-recordings.ts';
import { WriterChannel } from '../record/writer-channel.ts';
import { ArrivalStage } from '../session/arrival-stage.ts';
import type { FrameSink } from '../session/frame-stage.ts';
import type { RtpStream } from '../session/rtp-stream.ts';
import { type SentSink, SentTap } from '../session/sent-tap.ts';
import { SessionStreams, type StreamReport, type StreamSettings } from '../stream/session-streams.ts';
import type { WorkerCommand, WorkerEvent } from './protocol.ts';

/** Commands about recordings, analyses, listening and streams. */
export type TapCommand = Extract<
  WorkerCommand,
  { recording: number } | { analysisId: string } | { listenId: string } | { thread: number } | { streamId: string }
>;

export function isTapCommand(command: WorkerCommand): command is TapCommand {
  return (
    'recording' in command ||
    'analysisId' in command ||
    'listenId' in command ||
    'streamId' in command ||
    'thread' in command
  );
}

export interface SessionTapsOptions {
  streamOf: (sessionId: number) => RtpStream | undefined;
  now: () => number;
  post: (event: WorkerEvent) => void;
  /** Memory for what is being said, of all sessions together. */
  utteranceBytes: number;
}

/** Those who listen to a worker's sessions without being members of anything: recordings, analyses, recognisers, streams. */
export class SessionTaps {
  readonly #options: SessionTapsOptions;
  readonly #taps = new Map<number, SessionTap>();
  /** To the threads that write. */
  readonly #writers = new Map<number, WriterChannel>();
  readonly #utterances: UtteranceMemory;

  constructor(options: SessionTapsOptions) {
    this.#options = options;
    this.#utterances = new UtteranceMemory(options.utteranceBytes);
  }

  handle(command: TapCommand): void {
    if (command.type === 'connectWriter') {
      this.#connect(command.thread, command.port);
      return;
    }
    const { now } = this.#options;
    const tap = this.#taps.get(command.sessionId);
    switch (command.type) {
      case 'startRecording':
        this.#startRecording(command);
        break;
      case 'pauseRecording':
        tap?.recordings.pause(command.recording, command.filling, now());
        break;
      case 'resumeRecording':
        tap?.recordings.resume(command.recording, now());
        break;
      case 'stopRecording':
        tap?.recordings.stop(command.recording, now());
        break;
      case 'suppressDigits':
        tap?.recordings.suppressDigits(command.recording, command.on);
        break;
      case 'startAnalysis': {
        const { sessionId, analysisId, options } = command;
        const onFinding = (finding: Finding) => {
          const event = { analysisId, finding };
          this.#options.post({ type: 'sessionEvent', sessionId, name: 'finding', event });
        };
        this.#tapOf(sessionId)?.startAnalysis(analysisId, new Analysis({ ...options, onFinding }));
        break;
      }
      case 'stopAnalysis':
        tap?.stopAnalysis(command.analysisId);
        break;
      case 'startListening':
        this.#startListening(command);
        break;
      case 'stopListening':
        if (tap !== undefined) this.#stopListening(tap, command);
        break;
      case 'startStream':
        this.#tapOf(command.sessionId)?.startStream(command.streamId, command.settings);
        break;
      case 'writeStream':
        tap?.streams.write(command.streamId, command.payload);
        break;
      case 'markStream':
        tap?.streams.mark(command.streamId, command.name);
        break;
      case 'clearStream':
        tap?.streams.clear(command.streamId);
        break;
      case 'stopStream':
        tap?.stopStream(command.streamId);
        break;
    }
  }

  /** The session is about to end. */
  ends(sessionId: number): void {
    this.#taps.get(sessionId)?.close();
    this.#taps.delete(sessionId);
  }

  /** After the last session has ended. */
  close(): void {
    for (const writer of this.#writers.values()) writer.close();
    this.#writers.clear();
  }

  #connect(thread: number, port: Channel): void {
    const writer = new WriterChannel(port, () => {
      if (this.#writers.get(thread) === writer) this.#writers.delete(thread);
    });
    this.#writers.set(thread, writer);
  }

  #startRecording({ sessionId, recording, thread, settings }: TapCommand & { type: 'startRecording' }): void {
    const tap = this.#tapOf(sessionId);
    const writer = this.#writers.get(thread);
    if (tap === undefined || writer === undefined) this.#options.post({ type: 'recordingRefused', recording });
    else tap.startRecording(() => tap.recordings.start(recording, settings, writer, this.#options.now()));
  }

  #startListening({ sessionId, listenId, options }: TapCommand & { type: 'startListening' }): void {
    const { post } = this.#options;
    const detector = new UtteranceDetector(options, this.#utterances, {
      started: () => post({ type: 'sessionEvent', sessionId, name: 'speechStarted', event: { listenId } }),
      utterance: (samples, sampleRateHz) =>
        post({ type: 'sessionEvent', sessionId, name: 'utterance', event: { listenId, samples, sampleRateHz } }),
    });
    this.#tapOf(sessionId)?.startListening(listenId, detector);
  }

  #stopListening(tap: SessionTap, { sessionId, listenId }: TapCommand & { type: 'stopListening' }): void {
    tap.stopListening(listenId);
    this.#options.post({ type: 'sessionEvent', sessionId, name: 'listeningEnded', event: { listenId } });
  }

  #tapOf(sessionId: number): SessionTap | undefined {
    let tap = this.#taps.get(sessionId);
    if (tap !== undefined) return tap;
    const stream = this.#options.streamOf(sessionId);
    if (stream === undefined) return undefined;
    const { now, post } = this.#options;
    tap = new SessionTap(stream, now, {
      media: (streamId, track, payload, timeMs) =>
        post({ type: 'sessionEvent', sessionId, name: 'streamMedia', event: { streamId, track, payload, timeMs } }),
      mark: (streamId, name) =>
        post({ type: 'sessionEvent', sessionId, name: 'streamMark', event: { streamId, name } }),
    });
    this.#taps.set(sessionId, tap);
    return tap;
  }
}

/** Both directions of one session, given to its recordings, analyses, recognisers and streams; costs nothing while there are none. */
class SessionTap implements FrameSink, SentSink {
  readonly recordings = new SessionRecordings();
  readonly streams: SessionStreams;
  readonly #analyses = new Map<string, Analysis>();
  readonly #listenings = new Map<string, UtteranceDetector>();
  readonly #stream: RtpStream;
  readonly #now: () => number;
  #listening = false;
  #tapping = false;
  /** Hands the far side's sound to the streams. */
  #arrivals: ArrivalStage | null = null;

  constructor(stream: RtpStream, now: () => number, report: StreamReport) {
    this.#stream = stream;
    this.#now = now;
    this.streams = new SessionStreams(stream.outgoing, report);
  }

  frame(samples: Int16Array, n: number, sampleRateHz: 8000 | 16000, _sounds: boolean, nowMs: number): void {
    if (!this.recordings.idle) {
      this.recordings.far(samples, 0, n, sampleRateHz, nowMs);
      this.recordings.tick(nowMs);
    }
    for (const analysis of this.#analyses.values()) analysis.process(samples, 0, n, sampleRateHz, nowMs);
    for (const detector of this.#listenings.values()) detector.process(samples, n, sampleRateHz);
    this.#settle();
  }

  sent(samples: Int16Array, n: number, sampleRateHz: number, atMs: number): void {
    this.recordings.near(samples, 0, n, sampleRateHz, atMs);
    this.streams.sound('near', samples, n, sampleRateHz, atMs);
  }

  sentDigit(nowMs: number): void {
    this.recordings.digit(nowMs);
  }

  startRecording(start: () => void): void {
    start();
    this.#settle();
  }

  startAnalysis(analysisId: string, analysis: Analysis): void {
    this.#analyses.set(analysisId, analysis);
    this.#settle();
  }

  stopAnalysis(analysisId: string): void {
    this.#analyses.delete(analysisId);
    this.#settle();
  }

  startListening(listenId: string, detector: UtteranceDetector): void {
    this.#listenings.get(listenId)?.close();
    this.#listenings.set(listenId, detector);
    this.#settle();
  }

  stopListening(listenId: string): void {
    this.#listenings.get(listenId)?.close();
    this.#listenings.delete(listenId);
    this.#settle();
  }

  startStream(streamId: string, settings: StreamSettings): void {
    this.streams.start(streamId, settings, this.#now());
    this.#settle();
  }

  stopStream(streamId: string): void {
    this.streams.stop(streamId);
    this.#settle();
  }

  close(): void {
    this.streams.close();
    this.recordings.close(this.#now());
    this.#analyses.clear();
    for (const detector of this.#listenings.values()) detector.close();
    this.#listenings.clear();
    this.#settle();
  }

  /** Listens while anybody does. */
  #settle(): void {
    const records = !this.recordings.idle;
    const taps = records || this.streams.wants('near');
    const listens = records || this.#analyses.size > 0 || this.#listenings.size > 0;
    const { stage, incoming, outgoing } = this.#stream;
    if (listens !== this.#listening) {
      this.#listening = listens;
      if (listens) stage.addSink(this);
      else stage.removeSink(this);
    }
    if (this.streams.wants('far') !== (this.#arrivals !== null)) {
      this.#arrivals = this.#arrivals === null ? this.#newArrivals() : null;
      incoming.arrivals = this.#arrivals;
    }
    if (taps === this.#tapping) return;
    this.#tapping = taps;
    outgoing.sender.tap = taps ? new SentTap(this, this.#now) : null;
    incoming.onEventPacket = taps ? (nowMs) => this.recordings.digit(nowMs) : null;
  }

  #newArrivals(): ArrivalStage {
    const frame: FrameSink['frame'] = (samples, n, sampleRateHz, _sounds, nowMs) =>
      this.streams.sound('far', samples, n, sampleRateHz, nowMs);
    return new ArrivalStage({ frame }, this.#now());
  }
}
