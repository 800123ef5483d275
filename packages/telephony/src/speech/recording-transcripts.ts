import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { AudioDecoder } from '@voxology/media';
import { type Recognition, SpeechError, type Utterance } from '@voxology/speech';
import type { RecordingRow, RecordingToTranscribe, Store, TranscriptEnding, TranscriptOpening } from '@voxology/store';
import { recordedSpeech } from './recorded-speech.ts';
import type { Transcripts } from './transcripts.ts';

export interface RecordingTranscriptsOptions {
  store: Pick<Store, 'recordings' | 'transcripts'>;
  transcripts: Pick<Transcripts, 'begin' | 'add' | 'finish' | 'keep'>;
  recognition: Pick<Recognition, 'refusal' | 'recognize'>;
  decoder: Pick<AudioDecoder, 'decodeChannels'>;
  /** Folder of all recordings. */
  dir: string;
  /** Whoever speaks longer is cut there. */
  maxUtteranceMs: number;
  /** The books are away; the next recording, or the next start, tries again. */
  onError(error: unknown): void;
}

/** So many utterances in a row that are not recognised: the recogniser is dead. */
const MOST_FAILURES = 3;
/** How often, and after what pause, one is tried again for which the recogniser has no room. */
const BUSY_ATTEMPTS = 10;
const BUSY_PAUSE_MS = 3000;

/** Recordings written down after their end, one after the other; the books are the queue, so a crash loses none. */
export class RecordingTranscripts {
  readonly #options: RecordingTranscriptsOptions;
  readonly #stopping = new AbortController();
  #isWorking = false;
  #again = false;

  constructor(options: RecordingTranscriptsOptions) {
    this.#options = options;
  }

  /** Enters that a recording is to be written down once it is over. */
  begin(opening: Omit<TranscriptOpening, 'transcriptId'> & { recordingId: string }): Promise<void> {
    return this.#options.transcripts.begin({ ...opening, transcriptId: opening.recordingId });
  }

  /** A recording is over, or may be: writes down all that are. */
  wake(): void {
    this.#again = true;
    if (this.#isWorking || this.#stopping.signal.aborted) return;
    this.#isWorking = true;
    const { transcripts, onError } = this.#options;
    transcripts.keep(
      this.#work()
        .catch(onError)
        .finally(() => {
          this.#isWorking = false;
          if (this.#again) this.wake();
        }),
    );
  }

  /** What is under way is given up, and written down anew after the next start. */
  stop(): void {
    this.#stopping.abort(new Error('the server stops'));
  }

  async #work(): Promise<void> {
    const { store } = this.#options;
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false;
      for (let next = await store.transcripts.nextRecording(); next !== null && !this.#stopping.signal.aborted; ) {
        await this.#writeDown(next);
        next = await store.transcripts.nextRecording();
      }
    }
  }

  async #writeDown(asked: RecordingToTranscribe): Promise<void> {
    const { store, transcripts } = this.#options;
    const { transcriptId } = asked;
    const row = await store.recordings.get(asked.recordingId);
    // Deleted meanwhile, and its transcript with it.
    if (row === null) return;
    await store.transcripts.clear(transcriptId);
    let ending: TranscriptEnding;
    try {
      ending = await this.#recognizeAll(asked, row);
    } catch (error) {
      ending = { status: 'failed', error: reasonOf(error) };
    }
    if (!this.#stopping.signal.aborted) await transcripts.finish(transcriptId, ending);
  }

  async #recognizeAll(asked: RecordingToTranscribe, row: RecordingRow): Promise<TranscriptEnding> {
    const { transcriptId, hints, language } = asked;
    const { dir, recognition, transcripts } = this.#options;
    if (row.status !== 'ready') throw new Error(`there is no recording: ${row.error}`);
    const refusal = await recognition.refusal(language);
    if (refusal !== null) throw new Error(refusal);
    let [sequence, lost, lostInARow] = [0, 0, 0];
    let lastError = '';
    for await (const { track, startMs, endMs, ...sound } of recordedSpeech(join(dir, row.file), row, this.#options)) {
      this.#stopping.signal.throwIfAborted();
      try {
        const { text, confidence } = await this.#recognize(row.appId, { ...sound, hints, language });
        lostInARow = 0;
        if (text === '') continue;
        sequence += 1;
        await transcripts.add(transcriptId, { sequence, track, startMs, endMs, text, confidence });
      } catch (error) {
        if (!(error instanceof SpeechError)) throw error;
        [lost, lostInARow, lastError] = [lost + 1, lostInARow + 1, error.message];
        if (lostInARow === MOST_FAILURES) throw error;
      }
    }
    if (lost === 0) return { status: 'ready', error: null };
    const error = `not recognised: ${lost} of ${lost + sequence} utterances, the last because ${lastError}`;
    return { status: sequence === 0 ? 'failed' : 'ready', error };
  }

  async #recognize(appId: string, utterance: Utterance) {
    const { signal } = this.#stopping;
    // Takes turns with callers of the same application, who are waiting for an answer.
    const owner = `${appId} recordings`;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#options.recognition.recognize(owner, utterance, signal);
      } catch (error) {
        if (!(error instanceof SpeechError && error.reason === 'busy') || attempt === BUSY_ATTEMPTS) throw error;
      }
      await delay(BUSY_PAUSE_MS, undefined, { signal });
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
