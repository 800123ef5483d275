import type { TranscriptPiece, TranscriptRow } from '@voxology/store';

/** Something that was said, as users are told of it. */
export interface PieceFacts {
  track: string;
  /** From 1 in the order of writing. */
  sequence: number;
  /** ISO 8601, as the next. */
  start_time: string;
  end_time: string;
  /** Milliseconds from the beginning of the transcript, or of the recording's sound, to `start_time`. */
  offset: number;
  transcript: string;
  confidence: number | null;
}

/** What users are told of a transcript, by the REST API and by webhooks. */
export interface TranscriptFacts {
  transcript_id: string;
  call_id: string;
  recording_id: string | null;
  status: TranscriptRow['status'];
  start_time: string;
  /** Why it failed, or what is missing in it. */
  error: string | null;
  transcripts: PieceFacts[];
}

export function transcriptFacts(row: TranscriptRow): TranscriptFacts {
  return {
    transcript_id: row.transcriptId,
    call_id: row.callId,
    recording_id: row.recordingId,
    status: row.status,
    start_time: new Date(row.startTimeMs).toISOString(),
    error: row.error,
    transcripts: row.pieces.map((piece) => pieceFacts(row.startTimeMs, piece)),
  };
}

/** `startTimeMs`: of the transcript, since the epoch. */
export function pieceFacts(startTimeMs: number, piece: TranscriptPiece): PieceFacts {
  const { track, sequence, startMs, endMs, text, confidence } = piece;
  return {
    track,
    sequence,
    start_time: new Date(startTimeMs + startMs).toISOString(),
    end_time: new Date(startTimeMs + endMs).toISOString(),
    offset: startMs,
    transcript: text,
    confidence,
  };
}
