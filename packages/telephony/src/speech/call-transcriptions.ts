import type { Effect } from '@voxology/callflow';
import type { MediaSession } from '@voxology/media';
import { CallTranscription, type CallTranscriptionOptions } from './call-transcription.ts';

type TranscriptionEffect = Extract<Effect, { type: 'start_transcription' | 'stop_transcription' }>;

/** The transcriptions of one call. */
export class CallTranscriptions {
  readonly #options: CallTranscriptionOptions;
  readonly #running = new Map<string, CallTranscription>();
  /** Those that were stopped too: what was being said then may be about to come. */
  readonly #all = new Set<CallTranscription>();

  constructor(options: CallTranscriptionOptions) {
    this.#options = options;
  }

  /** `far`: who a transfer has reached; null: there is nobody. */
  carryOut(session: MediaSession, far: MediaSession | null, effect: TranscriptionEffect): void {
    if (effect.type === 'start_transcription') {
      for (const other of this.#all) if (other.isSealed) this.#all.delete(other);
      const transcription = new CallTranscription(this.#options, effect);
      this.#running.set(effect.transcriptionId, transcription);
      this.#all.add(transcription);
      transcription.hear('caller', session);
      transcription.hear('transfer', far);
      return;
    }
    this.#running.get(effect.transcriptionId)?.stop();
    this.#running.delete(effect.transcriptionId);
  }

  /** A transfer has reached somebody, or is over. */
  farSideChanged(far: MediaSession | null): void {
    for (const transcription of this.#running.values()) transcription.hear('transfer', far);
  }

  /** The call is over and its media are given back: nothing comes any more. */
  seal(): void {
    for (const transcription of this.#all) transcription.seal();
    this.#running.clear();
    this.#all.clear();
  }
}
