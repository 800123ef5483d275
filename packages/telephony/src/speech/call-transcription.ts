import type { CallInfo, Effect, TranscriptionTrack } from '@voxology/callflow';
import type { MediaSession, SessionEvents } from '@voxology/media';
import type { Recognition } from '@voxology/speech';
import type { TranscriptEnding } from '@voxology/store';
import type { CallLogs } from '../call/call-logs.ts';
import type { PostInput } from '../call/input.ts';
import type { CallbackClient } from '../callback/callback-client.ts';
import { factsOfCall } from '../recording/recording-webhooks.ts';
import { LivePieces } from './live-pieces.ts';
import { spokenTimes } from './spoken-times.ts';
import { pieceFacts } from './transcript-facts.ts';
import type { Transcripts } from './transcripts.ts';

export type StartTranscription = Extract<Effect, { type: 'start_transcription' }>;

export interface CallTranscriptionOptions {
  recognition: Pick<Recognition, 'prepare' | 'recognize'>;
  transcripts: Pick<Transcripts, 'begin' | 'add' | 'finish' | 'keep'>;
  client: Pick<CallbackClient, 'deliver'>;
  logs: Pick<CallLogs, 'use'>;
  /** Whoever speaks longer is cut there. */
  maxUtteranceMs: number;
  call: CallInfo;
  post: PostInput;
  nowMs(): number;
  onDefect(error: unknown): void;
}

/** Who is listened to. */
interface Listening {
  session: MediaSession;
  listenId: string;
  noticedMs: number;
  /** Takes our listeners off the session. */
  leave(): void;
}

const END_SILENCE_MS = 700;
/** People who speak on while the recogniser is behind: so many utterances are kept, the next are missing in the transcript. */
const MOST_WAITING = 20;
/** So many utterances in a row that are not recognised: the recogniser is dead. */
const MOST_FAILURES = 3;

/** One TRANSCRIBE: what the tracks of a call say is recognised in order, entered, told live, and told whole at the end. */
export class CallTranscription {
  readonly #options: CallTranscriptionOptions;
  readonly #effect: StartTranscription;
  readonly #transcriptId: string;
  readonly #startTimeMs: number;
  readonly #live: LivePieces | null;
  readonly #listenings = new Map<TranscriptionTrack, Listening>();
  /** Those that were stopped and may still tell what was being said. */
  readonly #leaving = new Set<Listening>();
  readonly #over = new AbortController();
  #listens = 0;
  /** What is to be done, one after the other. */
  #last: Promise<void>;
  #waiting = 0;
  #sequence = 0;
  #lost = 0;
  #lostInARow = 0;
  #lastError = '';
  #state: 'listening' | 'stopping' | 'sealed' = 'listening';

  constructor(options: CallTranscriptionOptions, effect: StartTranscription) {
    const { call, recognition, transcripts, nowMs } = options;
    this.#options = options;
    this.#effect = effect;
    this.#transcriptId = `${call.callId}.${effect.transcriptionId}`;
    this.#startTimeMs = nowMs();
    this.#live =
      effect.liveUrl === null ? null : new LivePieces({ ...options, url: effect.liveUrl, callId: call.callId });
    const { endUrl, endFailoverUrl } = effect;
    const webhook = endUrl === null ? null : { url: endUrl, failoverUrl: endFailoverUrl, call: factsOfCall(call) };
    const { hints, language } = effect;
    const opening = { appId: call.appId, callId: call.callId, recordingId: null, hints, language, webhook };
    this.#last = transcripts
      .begin({ ...opening, transcriptId: this.#transcriptId, startTimeMs: this.#startTimeMs })
      .catch((error: unknown) => this.fail(error));
    void recognition.prepare(hints, language).then((reason) => {
      if (reason !== null) this.fail(reason);
    });
  }

  get transcriptionId(): string {
    return this.#effect.transcriptionId;
  }

  /** Nothing comes of it any more but its end. */
  get isSealed(): boolean {
    return this.#state === 'sealed';
  }

  /** Listens to `session` as this track from now on; null: to nobody. Nothing where the track was not asked for. */
  hear(track: TranscriptionTrack, session: MediaSession | null): void {
    if (this.#state !== 'listening' || !this.#effect.tracks.includes(track)) return;
    const before = this.#listenings.get(track);
    if (before?.session === session) return;
    if (before !== undefined) {
      this.#listenings.delete(track);
      this.#stopListening(before);
    }
    if (session === null) return;
    try {
      this.#listenings.set(track, this.#listen(track, session));
    } catch (error) {
      this.fail(error);
    }
  }

  /** Ends when what is being said at this moment has been told. */
  stop(): void {
    if (this.#state !== 'listening') return;
    this.#state = 'stopping';
    for (const listening of this.#listenings.values()) this.#stopListening(listening);
    this.#listenings.clear();
    this.#sealWhenLeft();
  }

  /** Nothing comes any more: the rest is recognised, then the transcript ends. */
  seal(): void {
    this.#end(() => this.#ending());
  }

  /** Ends it with what there is; the flow is told. */
  fail(error: unknown): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort(new Error('the transcription is over'));
    const reason = error instanceof Error ? error.message : String(error);
    const isAwaited = this.#state === 'listening';
    this.#end(() => ({ status: 'failed', error: reason }));
    if (isAwaited) this.#options.post({ type: 'transcription_failed', transcriptionId: this.transcriptionId, reason });
  }

  #end(ending: () => TranscriptEnding): void {
    if (this.#state === 'sealed') return;
    this.#state = 'sealed';
    for (const listening of this.#listenings.values()) listening.session.stopListening(listening.listenId);
    for (const listening of [...this.#listenings.values(), ...this.#leaving]) listening.leave();
    this.#listenings.clear();
    this.#leaving.clear();
    const { transcripts, onDefect } = this.#options;
    transcripts.keep(this.#last.then(() => transcripts.finish(this.#transcriptId, ending())).catch(onDefect));
  }

  #ending(): TranscriptEnding {
    if (this.#lost === 0) return { status: 'ready', error: null };
    const all = this.#lost + this.#sequence;
    const error = `not recognised: ${this.#lost} of ${all} utterances, the last because ${this.#lastError}`;
    return { status: this.#sequence === 0 ? 'failed' : 'ready', error };
  }

  #listen(track: TranscriptionTrack, session: MediaSession): Listening {
    this.#listens += 1;
    const listenId = `${this.transcriptionId}.${this.#listens}`;
    const started = (event: SessionEvents['speechStarted']) => {
      if (event.listenId === listenId) listening.noticedMs = this.#options.nowMs();
    };
    const utterance = (event: SessionEvents['utterance']) => {
      if (event.listenId === listenId) this.#take(track, listening.noticedMs, event);
    };
    const ended = (event: SessionEvents['listeningEnded']) => {
      if (event.listenId === listenId) this.#left(listening);
    };
    const listening: Listening = {
      session,
      listenId,
      noticedMs: this.#startTimeMs,
      leave: () => {
        session.off('speechStarted', started).off('utterance', utterance).off('listeningEnded', ended);
      },
    };
    session.on('speechStarted', started).on('utterance', utterance).on('listeningEnded', ended);
    const { maxUtteranceMs } = this.#options;
    session.startListening(listenId, { endSilenceMs: END_SILENCE_MS, maxUtteranceMs, tellUnfinished: true });
    return listening;
  }

  #stopListening(listening: Listening): void {
    this.#leaving.add(listening);
    listening.session.stopListening(listening.listenId);
  }

  #left(listening: Listening): void {
    listening.leave();
    this.#leaving.delete(listening);
    this.#sealWhenLeft();
  }

  #sealWhenLeft(): void {
    if (this.#state === 'stopping' && this.#leaving.size === 0) this.seal();
  }

  #take(track: TranscriptionTrack, noticedMs: number, { samples, sampleRateHz }: SessionEvents['utterance']): void {
    if (samples.length === 0) this.#lose('there was no memory for it');
    else if (this.#waiting >= MOST_WAITING) this.#lose('the recogniser is slower than people speak');
    else {
      this.#waiting += 1;
      const times = spokenTimes(noticedMs - this.#startTimeMs, (samples.length * 1000) / sampleRateHz);
      this.#last = this.#last.then(() => this.#recognize({ track, ...times }, { samples, sampleRateHz }));
    }
  }

  /** Never rejects. */
  async #recognize(
    said: { track: TranscriptionTrack; startMs: number; endMs: number },
    sound: Pick<SessionEvents['utterance'], 'samples' | 'sampleRateHz'>,
  ): Promise<void> {
    this.#waiting -= 1;
    const { recognition, call } = this.#options;
    const { hints, language } = this.#effect;
    const { signal } = this.#over;
    if (signal.aborted) return;
    try {
      // Takes turns with callers of the same application who wait for an answer.
      const owner = `${call.appId} transcriptions`;
      const { text, confidence } = await recognition.recognize(owner, { ...sound, hints, language }, signal);
      this.#lostInARow = 0;
      if (text !== '') await this.#enter({ ...said, text, confidence });
    } catch (error) {
      if (signal.aborted) return;
      this.#lose(error instanceof Error ? error.message : String(error));
      this.#lostInARow += 1;
      if (this.#lostInARow === MOST_FAILURES) this.fail(error);
    }
  }

  async #enter(said: Omit<Parameters<Transcripts['add']>[1], 'sequence'>): Promise<void> {
    this.#sequence += 1;
    const piece = { ...said, sequence: this.#sequence };
    const body = {
      type: 'live_transcript',
      ...factsOfCall(this.#options.call),
      transcript_id: this.#transcriptId,
      ...pieceFacts(this.#startTimeMs, piece),
      is_final: true,
    };
    this.#live?.send(body);
    await this.#options.transcripts.add(this.#transcriptId, piece);
  }

  #lose(reason: string): void {
    this.#lost += 1;
    this.#lastError = reason;
  }
}
