import type { DeliveryState, RecordingWebhook } from './rows.ts';

/** Something that somebody said. */
export interface TranscriptPiece {
  /** From 1 in the order of writing. */
  sequence: number;
  /** Who said it; a word of the telephony's. */
  track: string;
  /** Since the beginning of the transcript. */
  startMs: number;
  endMs: number;
  text: string;
  /** 0 to 1; null: not known. */
  confidence: number | null;
}

/** What is known when a transcript begins. */
export interface TranscriptOpening {
  transcriptId: string;
  appId: string;
  callId: string;
  /** Of what it is written down; null: of the call as it goes on. It goes with its recording. */
  recordingId: string | null;
  /** For the recogniser: words that are likely to be said. */
  hints: string[];
  /** That is spoken; null: the recogniser's own. */
  language: string | null;
  startTimeMs: number;
  /** Who gets the whole; null: nobody. */
  webhook: RecordingWebhook | null;
}

/** A recording that is to be written down. */
export interface RecordingToTranscribe extends Pick<TranscriptOpening, 'transcriptId' | 'hints' | 'language'> {
  recordingId: string;
}

export interface TranscriptEnding {
  status: 'ready' | 'failed';
  /** Why it failed, or what is missing in it; for people. */
  error: string | null;
}

export interface TranscriptRow extends TranscriptOpening {
  status: 'in_progress' | TranscriptEnding['status'];
  error: string | null;
  /** In the order in which they were said. */
  pieces: TranscriptPiece[];
  /** `pending` from its end on. */
  webhookState: DeliveryState;
  webhookError: string | null;
}
