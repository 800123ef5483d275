import { EventEmitter } from 'node:events';
import { AUDIO_CODECS } from './codec/codecs.ts';
import { MediaUsageError } from './control/errors.ts';
import type { SessionGroup } from './control/session-group.ts';
import { SessionProtection, type SessionProtectionOptions } from './control/session-protection.ts';
import type { AnalysisOptions } from './detect/analysis.ts';
import type { ListeningOptions } from './listen/utterance-detector.ts';
import { type PauseFilling, type RecordingEnd, type RecordingOptions, recordingSettings } from './record/recording.ts';
import { eventOfDigit } from './rtp/telephone-event.ts';
import type { SecurityMethod } from './sdp/agreed-security.ts';
import type { MediaAgreement } from './sdp/agreement.ts';
import { Negotiation, type NegotiationOptions } from './sdp/negotiation.ts';
import { NO_STATS, type SessionEvents, type SessionStats } from './session/events.ts';
import { PROMPT_RATE_HZ, type PromptRateHz } from './session/prompt.ts';
import type { SrtpSuiteName } from './srtp/suite.ts';
import { type MediaStream, StreamControl, type StreamOptions } from './stream/stream-control.ts';
import type { WorkerCommand } from './worker/protocol.ts';

/** A prompt that the workers hold, from {@link MediaEngine.loadPrompt}. */
export interface PromptRef {
  readonly id: string;
  readonly durationMs: number;
}

/** Lengths of sent digits. */
export interface DigitTimes {
  /** Default 100; from 40 to 5000. */
  toneMs?: number;
  /** Pause after each digit. Default 50; from 30 to 5000. */
  gapMs?: number;
}

/** All events of a session with their arguments. */
export type MediaSessionEvents = { [Name in keyof SessionEvents]: [SessionEvents[Name]] } & {
  /** Exactly once for every `startRecording`; also after the session's end, when the file is complete. */
  recordingEnded: [RecordingEnd];
  /** An error of ours ended the session or its whole worker; no sound any more, and only `close` makes sense. */
  failed: [{ reason: string }];
  /** Media is protected from now on; again when another suite was agreed. */
  secured: [{ method: SecurityMethod; suite: SrtpSuiteName }];
  /** The handshake came to nothing: the far side is not who its SDP says, or never answered. No media flows. */
  securityFailed: [{ reason: string }];
};

export interface MediaSessionOptions {
  id: number;
  worker: number;
  negotiation: NegotiationOptions;
  protection: Pick<SessionProtectionOptions, 'certificate' | 'suites' | 'timeoutMs'>;
  post: (command: WorkerCommand) => void;
  hasPrompt: (promptId: string) => boolean;
  /** Chooses the recording's number and thread; throws MediaUsageError when its name is taken. */
  beginRecording: (recordingId: string, onEnd: (end: RecordingEnd) => void) => { recording: number; thread: number };
}

const MAX_DIGITS = 64;
/** Calls of sendDigits that may wait. */
const MAX_DIGIT_ORDERS = 64;
/** The length of keys that a bridge carries over. */
const FORWARDED = { toneMs: 100, gapMs: 50 };

/**
 * The media of one call: one RTP port, one SDP negotiation, what is played and what is heard. Everything is carried out
 * by a worker, so methods only ask; what came of it arrives as events.
 */
export class MediaSession extends EventEmitter<MediaSessionEvents> {
  readonly id: number;
  /** The local RTP port. */
  readonly port: number;
  /** @internal The worker thread that carries it. */
  readonly worker: number;
  readonly #options: MediaSessionOptions;
  readonly #negotiation: Negotiation;
  readonly #protection: SessionProtection;
  readonly #playing = new Set<string>();
  readonly #recordings = new Map<string, number>();
  readonly #streams: StreamControl;
  readonly #closed = Promise.withResolvers<SessionStats>();
  /** Who wants to know the figures; null: nobody. */
  #asked: PromiseWithResolvers<SessionStats> | null = null;
  /** Calls of {@link sendDigits} without their `digitsSent`. */
  #digitsToSend = 0;
  #agreement: MediaAgreement | null = null;
  #group: SessionGroup | null = null;
  #started = false;
  #closing = false;

  /** Made by {@link MediaEngine.createSession} only. */
  constructor(options: MediaSessionOptions) {
    super();
    this.id = options.id;
    this.worker = options.worker;
    this.port = options.negotiation.port;
    this.#options = options;
    this.#streams = new StreamControl(options.id, (command) => {
      if (!this.#closing) options.post(command);
    });
    this.#negotiation = new Negotiation(options.negotiation);
    this.#protection = new SessionProtection({
      ...options.protection,
      sessionId: options.id,
      post: options.post,
      onSecured: (method, suite) => this.emit('secured', { method, suite }),
      onFailed: (reason) => this.emit('securityFailed', { reason }),
    });
  }

  /** How media is protected since the last offer and answer. With `dtls` nothing flows before `secured`. */
  get security(): SecurityMethod {
    return this.#protection.method;
  }

  /** What is in force since the last offer and answer; null before the first. */
  get agreement(): MediaAgreement | null {
    return this.#agreement;
  }

  /** The rate of prompts that this call hears whole and at the least cost: 16 kHz with G.722 and Opus, else 8 kHz. */
  get promptRateHz(): PromptRateHz {
    return this.#agreement === null ? PROMPT_RATE_HZ : AUDIO_CODECS[this.#agreement.codec].sampleRateHz;
  }

  /**
   * Answers an offer (INVITE or re-INVITE) and puts it into force; the RTP stream goes on with the same SSRC. Hold
   * (`sendonly`, `inactive`, address `0.0.0.0`) is answered with `recvonly` or `inactive`, a line given up (port 0) with
   * port 0, and we send nothing until the far side resumes.
   *
   * @throws SdpError `status` 400: unreadable; 488: no audio in common. Nothing has changed then.
   */
  answerOffer(sdp: string): string {
    this.#assertOpen('answer an offer');
    const { sdp: answer, agreement } = this.#negotiation.answer(sdp);
    this.#configure(agreement);
    return answer;
  }

  /** Our offer: every codec, digits as events, 20 ms, both directions. The same text as before when nothing changed. */
  createOffer(): string {
    this.#assertOpen('make an offer');
    return this.#negotiation.offer();
  }

  /**
   * Takes the far side's answer to {@link createOffer} (of a 18x, a 2xx or an ACK) and puts it into force.
   *
   * @throws SdpError as {@link answerOffer}.
   */
  acceptAnswer(sdp: string): void {
    this.#assertOpen('take an answer');
    this.#configure(this.#negotiation.accept(sdp));
  }

  /**
   * Begins to send. From now on RTP never stops while the direction lets us send: silence when nothing plays.
   *
   * @throws MediaUsageError before an offer was answered or an answer accepted.
   */
  start(): void {
    this.#assertOpen('start');
    if (this.#agreement === null)
      throw new MediaUsageError(`Media session ${this.id} cannot start before its SDP is agreed`);
    if (this.#started) return;
    this.#started = true;
    this.#options.post({ type: 'startSession', sessionId: this.id });
  }

  /**
   * Plays a prompt from `offsetMs` on, in place of a current one (which ends as `stopped`). `playbackEnded` comes exactly
   * once: `completed` when the last packet was sent. While the far side holds us the time of the playback goes on unheard.
   * Before {@link start} it waits.
   *
   * @throws MediaUsageError when the prompt was dropped or the id is already playing.
   */
  play(playbackId: string, prompt: PromptRef, { offsetMs = 0 }: { offsetMs?: number } = {}): void {
    this.#assertOpen('play');
    if (!this.#options.hasPrompt(prompt.id)) throw new MediaUsageError(`The prompt "${prompt.id}" is not loaded`);
    if (this.#playing.has(playbackId)) throw new MediaUsageError(`A playback "${playbackId}" is already running`);
    if (!(offsetMs >= 0)) throw new RangeError(`offsetMs must be 0 or more, not ${offsetMs}`);
    this.#playing.add(playbackId);
    this.#options.post({ type: 'play', sessionId: this.id, playbackId, promptId: prompt.id, offsetMs });
  }

  /** Stops a playback before the next packet; `playbackEnded` with `stopped` follows. Nothing when it has ended. */
  stopPlayback(playbackId: string): void {
    if (this.#closing || !this.#playing.has(playbackId)) return;
    this.#options.post({ type: 'stopPlayback', sessionId: this.id, playbackId });
  }

  /**
   * Sends digits behind those still on their way: as RFC 4733 events when agreed, else as tones. A running playback
   * pauses meanwhile; on hold the digits wait. `digitsSent` follows.
   *
   * @throws RangeError for other characters than `0-9 * # A-D`, more than 64 of them, or lengths out of bounds;
   *   MediaUsageError when the digits of 64 calls are still to be sent.
   */
  sendDigits(digits: string, { toneMs = 100, gapMs = 50 }: DigitTimes = {}): void {
    this.#assertOpen('send digits');
    if (digits.length === 0 || digits.length > MAX_DIGITS) {
      throw new RangeError(`1 to ${MAX_DIGITS} digits can be sent at once, not ${digits.length}`);
    }
    const wrong = [...digits].findIndex((digit) => eventOfDigit(digit) < 0);
    if (wrong >= 0) throw new RangeError(`Character ${wrong + 1} of the digits to send is none of 0-9, *, #, A-D`);
    if (!(toneMs >= 40 && toneMs <= 5000)) throw new RangeError(`toneMs must be from 40 to 5000, not ${toneMs}`);
    if (!(gapMs >= 30 && gapMs <= 5000)) throw new RangeError(`gapMs must be from 30 to 5000, not ${gapMs}`);
    if (this.#digitsToSend >= MAX_DIGIT_ORDERS) {
      throw new MediaUsageError(`Media session ${this.id} has ${MAX_DIGIT_ORDERS} orders of digits to send already`);
    }
    this.#digitsToSend++;
    this.#options.post({ type: 'sendDigits', sessionId: this.id, digits, toneMs, gapMs });
  }

  /** @internal A key that the other leg pressed; nobody is told when it is out. */
  forwardDigit(digit: string): void {
    if (this.#closing) return;
    const { toneMs, gapMs } = FORWARDED;
    this.#options.post({ type: 'sendDigits', sessionId: this.id, digits: digit, toneMs, gapMs, forwarded: true });
  }

  /**
   * Records both directions, or the far side alone, from now on; `recordingEnded` comes exactly once. Several recordings
   * may run at a time. The file grows as `PATH.part` and gets its name when it is complete; what a killed process left
   * is finished by {@link recoverRecordings}.
   *
   * @throws MediaUsageError when a recording of this name runs, RangeError for limits that cannot work.
   */
  startRecording(options: RecordingOptions): void {
    this.#assertOpen('record');
    const settings = recordingSettings(options);
    const { recordingId } = options;
    const { recording, thread } = this.#options.beginRecording(recordingId, (end) => {
      this.#recordings.delete(recordingId);
      this.emit('recordingEnded', end);
    });
    this.#recordings.set(recordingId, recording);
    this.#options.post({ type: 'startRecording', sessionId: this.id, recording, thread, settings });
  }

  /** Leaves out what comes until {@link resumeRecording}; `filling`: what is in the file instead. Default nothing. */
  pauseRecording(recordingId: string, filling: PauseFilling = 'nothing'): void {
    const recording = this.#recordings.get(recordingId);
    if (recording === undefined || this.#closing) return;
    this.#options.post({ type: 'pauseRecording', sessionId: this.id, recording, filling });
  }

  resumeRecording(recordingId: string): void {
    const recording = this.#recordings.get(recordingId);
    if (recording === undefined || this.#closing) return;
    this.#options.post({ type: 'resumeRecording', sessionId: this.id, recording });
  }

  /** Replaces digits by silence in what is recorded from now on, or does so no more. */
  suppressDigits(recordingId: string, on: boolean): void {
    const recording = this.#recordings.get(recordingId);
    if (recording === undefined || this.#closing) return;
    this.#options.post({ type: 'suppressDigits', sessionId: this.id, recording, on });
  }

  /** Ends a recording; `recordingEnded` follows when its file is complete. Nothing when it has ended. */
  stopRecording(recordingId: string): void {
    const recording = this.#recordings.get(recordingId);
    if (recording === undefined || this.#closing) return;
    this.#options.post({ type: 'stopRecording', sessionId: this.id, recording });
  }

  /**
   * Listens to the far side from now on: speech, tones, fax machines, beeps and, with `answering`, person or machine. What
   * is heard comes as `finding`. An analysis of the same name begins anew.
   */
  startAnalysis(analysisId: string, options: Omit<AnalysisOptions, 'onFinding'> = {}): void {
    this.#assertOpen('listen');
    this.#options.post({ type: 'startAnalysis', sessionId: this.id, analysisId, options });
  }

  stopAnalysis(analysisId: string): void {
    if (this.#closing) return;
    this.#options.post({ type: 'stopAnalysis', sessionId: this.id, analysisId });
  }

  /**
   * Listens for what the far side says from now on: `speechStarted` and `utterance` for each utterance. A listening of the
   * same name begins anew.
   */
  startListening(listenId: string, options: ListeningOptions): void {
    this.#assertOpen('listen');
    this.#options.post({ type: 'startListening', sessionId: this.id, listenId, options });
  }

  /** `listeningEnded` follows, unless the session ends first. */
  stopListening(listenId: string): void {
    if (this.#closing) return;
    this.#options.post({ type: 'stopListening', sessionId: this.id, listenId });
  }

  /**
   * Hands out the session's sound from now on and, when bidirectional, sends what is written to it. Several streams may run
   * at a time, one of them bidirectional. It ends with the session.
   *
   * @throws MediaUsageError when the session is closed.
   */
  startStream(options: StreamOptions): MediaStream {
    this.#assertOpen('stream');
    return this.#streams.start(options);
  }

  /** The figures so far; of a session that is closed or lost, those of all of it. Never rejects. */
  figures(): Promise<SessionStats> {
    if (this.#closing) return this.#closed.promise;
    if (this.#asked === null) {
      this.#asked = Promise.withResolvers<SessionStats>();
      this.#options.post({ type: 'readSession', sessionId: this.id });
    }
    return this.#asked.promise;
  }

  /** Ends the session; a running playback ends as `stopped` first. Resolves with the figures; may be called again. */
  close(): Promise<SessionStats> {
    if (!this.#closing) {
      this.#closing = true;
      this.#protection.close();
      this.#options.post({ type: 'closeSession', sessionId: this.id });
      this.#leaveGroup();
    }
    return this.#closed.promise;
  }

  /**
   * @internal A bridge or room takes the session in.
   *
   * @throws MediaUsageError when the session is closed or in another one.
   */
  enter(group: SessionGroup): void {
    this.#assertOpen('join others');
    if (this.#group !== null) throw new MediaUsageError(`Media session ${this.id} is in a bridge or room already`);
    this.#group = group;
  }

  /** @internal A bridge or room let the session go. */
  exit(group: SessionGroup): void {
    if (this.#group === group) this.#group = null;
  }

  /** @internal The engine hands in what the worker reported. */
  receive<Name extends keyof SessionEvents>(name: Name, event: SessionEvents[Name]): void {
    if (name === 'playbackEnded') this.#playing.delete((event as SessionEvents['playbackEnded']).playbackId);
    if (name === 'digitsSent') this.#digitsToSend--;
    if (name === 'streamMedia') this.#streams.media(event as SessionEvents['streamMedia']);
    else if (name === 'streamMark') this.#streams.mark(event as SessionEvents['streamMark']);
    else (this as EventEmitter).emit(name, event);
  }

  /** @internal A part of the far side's handshake came. */
  receiveDtls(datagram: Uint8Array): void {
    if (!this.#closing) this.#protection.receive(datagram);
  }

  /** @internal ICE found the far side. */
  pathFound(): void {
    if (!this.#closing) this.#protection.pathFound();
  }

  /** @internal The worker told the figures. */
  told(stats: SessionStats): void {
    this.#asked?.resolve(stats);
    this.#asked = null;
  }

  /** @internal The worker closed the session. */
  finish(stats: SessionStats): void {
    this.told(stats);
    this.#closing = true;
    this.#protection.close();
    this.#closed.resolve(stats);
    this.#leaveGroup();
  }

  /** @internal The worker died. */
  fail(reason: string): void {
    for (const playbackId of this.#playing) this.receive('playbackEnded', { playbackId, outcome: 'stopped' });
    if (!this.#closing) this.emit('failed', { reason });
    this.finish(NO_STATS);
  }

  #configure(agreement: MediaAgreement): void {
    this.#agreement = agreement;
    this.#protection.apply(this.#negotiation.security);
    this.#options.post({ type: 'configure', sessionId: this.id, agreement });
    this.#protection.begin();
  }

  #leaveGroup(): void {
    const group = this.#group;
    this.#group = null;
    group?.sessionEnded(this);
  }

  #assertOpen(act: string): void {
    if (this.#closing) throw new MediaUsageError(`Media session ${this.id} is closed and cannot ${act}`);
  }
}
