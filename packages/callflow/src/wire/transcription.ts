/** `caller`: the remote party; `transfer`: who a transfer reached. */
export type TranscriptionTrack = 'caller' | 'transfer';

/** Writing down what is said, for webhooks of the user's. It goes on until it is stopped or the call is over. */
export type TranscriptionEffect =
  | {
      type: 'start_transcription';
      transcriptionId: string;
      tracks: TranscriptionTrack[];
      /** Words that are likely to be said. */
      hints: string[];
      language: string | null;
      /** Gets each piece as it is said; null: nobody does. */
      liveUrl: string | null;
      /** Gets the whole at the end, `endFailoverUrl` when that fails. */
      endUrl: string | null;
      endFailoverUrl: string | null;
    }
  | { type: 'stop_transcription'; transcriptionId: string };

export type TranscriptionInput =
  /** It could not be begun, or broke. */
  { type: 'transcription_failed'; transcriptionId: string; reason: string };
