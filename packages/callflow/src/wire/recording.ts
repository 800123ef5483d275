export type RecordingWebhook = {
  /** Told by a POST when the file is complete, or when nothing came of it. */
  url: string;
  /** Told when the former cannot be. */
  failoverUrl: string | null;
};

/**
 * Recording a call. A recording goes on whatever the flow does, until it is stopped or the call is over. `recordingId` is
 * unique for ever (it holds the call's id) and is the one that callbacks and the API show.
 */
export type RecordingEffect =
  | {
      type: 'start_recording';
      recordingId: string;
      name: string | null;
      format: 'wav' | 'mp3';
      /** 1: both parties mixed; 2: the remote party left, what it hears right. */
      channels: 1 | 2;
      /** Play a beep first, which is not in the recording. */
      beep: boolean;
      /** What the remote party hears is left out (a message left after a beep). */
      callerOnly: boolean;
      /** Digits, sent or received, are silence in it. */
      maskDigits: boolean;
      /** Ends by itself when the remote party has been silent for so long, counted from the start too; null: never. */
      silenceMs: number | null;
      transcribe: boolean;
      /** Of the transcript: words that are likely to be said, as the next. */
      hints: string[];
      /** Spoken in it; null: that of the speech recognition. */
      language: string | null;
      /** Null: nobody is told but the callbacks. */
      webhook: RecordingWebhook | null;
    }
  /** `recording_ended` follows, unless the call is over. */
  | { type: 'stop_recording'; recordingId: string }
  | { type: 'pause_recording'; recordingId: string }
  | { type: 'resume_recording'; recordingId: string };

export type RecordingInput =
  /** The last of a recording. `durationMs`: of the sound in it. */
  | { type: 'recording_ended'; recordingId: string; by: 'stop' | 'silence' | 'limit'; durationMs: number }
  /** It could not be begun, or not be kept. The last of a recording. */
  | { type: 'recording_failed'; recordingId: string; reason: string };
