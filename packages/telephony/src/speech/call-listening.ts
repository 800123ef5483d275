import type { CallInfo, Effect } from '@voxology/callflow';
import type { MediaSession, SessionEvents } from '@voxology/media';
import type { Recognition } from '@voxology/speech';
import type { PostInput } from '../call/input.ts';

type StartListening = Extract<Effect, { type: 'start_listening' }>;

export interface CallListeningOptions {
  recognition: Pick<Recognition, 'prepare' | 'recognize'>;
  /** Whoever speaks longer is cut there. */
  maxUtteranceMs: number;
  call: Pick<CallInfo, 'appId'>;
  post: PostInput;
}

interface Listening extends Pick<StartListening, 'listenId' | 'hints' | 'language'> {
  session: MediaSession;
  /** Gives up the recognition under way. */
  over: AbortController;
  /** Utterances that are not recognised yet, and the last of them: they are told in order. */
  waiting: number;
  last: Promise<void>;
}

/** A caller who speaks on while the recogniser is behind: so many utterances are kept. */
const MOST_WAITING = 4;

/** Listens for what one leg of a call says, while its flow wants to know. */
export class CallListening {
  readonly #options: CallListeningOptions;
  #watched: MediaSession | null = null;
  #current: Listening | null = null;

  constructor(options: CallListeningOptions) {
    this.#options = options;
  }

  /** The call is over. */
  close(): void {
    this.#stop();
  }

  /** In place of what was listened for. */
  start(session: MediaSession, { listenId, hints, language, endSilenceMs }: StartListening): void {
    this.#stop();
    this.#watch(session);
    const listening: Listening = {
      listenId,
      hints,
      language,
      session,
      over: new AbortController(),
      waiting: 0,
      last: Promise.resolve(),
    };
    this.#current = listening;
    const { recognition, maxUtteranceMs } = this.#options;
    try {
      session.startListening(listenId, { endSilenceMs, maxUtteranceMs });
    } catch (error) {
      this.#fail(listening, error);
      return;
    }
    void recognition.prepare(hints, language).then((reason) => {
      if (reason !== null) this.#fail(listening, reason);
    });
  }

  /** Nothing when something else is listened for, or nothing. */
  stop(listenId: string): void {
    if (listenId === this.#current?.listenId) this.#stop();
  }

  #watch(session: MediaSession): void {
    if (session === this.#watched) return;
    this.#watched = session;
    session.on('speechStarted', ({ listenId }) => {
      if (listenId === this.#current?.listenId) this.#options.post({ type: 'speech_started', listenId });
    });
    session.on('utterance', (utterance) => {
      if (utterance.listenId === this.#current?.listenId) this.#take(this.#current, utterance);
    });
  }

  #take(listening: Listening, utterance: SessionEvents['utterance']): void {
    if (listening.waiting >= MOST_WAITING) {
      this.#fail(listening, 'the recogniser is slower than the caller speaks');
      return;
    }
    listening.waiting += 1;
    listening.last = listening.last.then(() => this.#recognize(listening, utterance));
  }

  /** Never rejects. */
  async #recognize(listening: Listening, { samples, sampleRateHz }: SessionEvents['utterance']): Promise<void> {
    const { listenId, hints, language, over } = listening;
    const { recognition, call, post } = this.#options;
    try {
      // Nothing is left of it where there was no memory for it.
      const { text, confidence } =
        samples.length === 0 || over.signal.aborted
          ? { text: '', confidence: null }
          : await recognition.recognize(call.appId, { samples, sampleRateHz, hints, language }, over.signal);
      listening.waiting -= 1;
      if (listening === this.#current) post({ type: 'speech_recognized', listenId, text, confidence });
    } catch (error) {
      this.#fail(listening, error);
    }
  }

  #fail(listening: Listening, error: unknown): void {
    if (listening !== this.#current) return;
    this.#stop();
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.post({ type: 'listening_failed', listenId: listening.listenId, reason });
  }

  #stop(): void {
    const listening = this.#current;
    if (listening === null) return;
    this.#current = null;
    listening.over.abort(new Error('nobody listens any more'));
    listening.session.stopListening(listening.listenId);
  }
}
