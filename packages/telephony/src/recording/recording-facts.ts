import type { RecordingRow } from '@voxology/store';

/** What users are told of a recording, by the REST API and by webhooks. */
export interface RecordingFacts {
  id: string;
  /** As the flow named it. */
  name: string | null;
  call_id: string;
  status: RecordingRow['status'];
  format: RecordingRow['format'];
  channels: RecordingRow['channels'];
  /** ISO 8601. */
  start_time: string;
  /** Milliseconds; null until it is ready, as the next three. */
  duration: number | null;
  bytes: number | null;
  sha256: string | null;
  /** Path of the sound in the REST API. */
  audio: string | null;
  /** Path of what was said in it; null when nobody asked for it. */
  transcript: string | null;
  error: string | null;
}

export function recordingFacts(row: RecordingRow): RecordingFacts {
  const path = `/v1/Recordings/${encodeURIComponent(row.recordingId)}`;
  return {
    id: row.recordingId,
    name: row.name,
    call_id: row.callId,
    status: row.status,
    format: row.format,
    channels: row.channels,
    start_time: new Date(row.startTimeMs).toISOString(),
    duration: row.durationMs,
    bytes: row.bytes,
    sha256: row.sha256,
    audio: row.status === 'ready' ? `${path}/Audio` : null,
    transcript: row.hasTranscript ? `${path}/Transcript` : null,
    error: row.error,
  };
}
