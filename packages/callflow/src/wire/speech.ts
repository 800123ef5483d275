import type { CalleeLeg } from './transfer.ts';

/**
 * Listening for what the caller says, or with a `leg` a callee that is asked before it is connected. One at a time per leg; a
 * second start replaces the first.
 */
export type SpeechEffect =
  /**
   * `hints`: words and phrases likely to be said (a recogniser may take nothing else for said when there are some).
   * `language` as in `en-US`; null: that of the recogniser. `endSilenceMs`: silence after which an utterance is over.
   */
  | {
      type: 'start_listening';
      listenId: string;
      hints: string[];
      language: string | null;
      endSilenceMs: number;
      leg?: CalleeLeg;
    }
  /** Nothing follows. */
  | { type: 'stop_listening'; listenId: string; leg?: CalleeLeg };

/** Listening goes on over several utterances until it is stopped or fails. */
export type SpeechInput =
  /** Whoever is listened to begins to speak: some 100 to 200 ms of voice. */
  | { type: 'speech_started'; listenId: string }
  /**
   * One utterance, after its end. `text` as said, in lower case and without punctuation; empty when there was speech and
   * nothing was understood. `confidence` is 0 to 1, null when the recogniser gives none.
   */
  | { type: 'speech_recognized'; listenId: string; text: string; confidence: number | null }
  /** No recogniser, or it broke. The last of a listening. */
  | { type: 'listening_failed'; listenId: string; reason: string };
