/** How the sound is kept: `wav` 16-bit PCM, `mp3` at a constant bit rate. */
export type RecordingFormat = 'wav' | 'mp3';

/** What to record of a session, and until when. */
export interface RecordingOptions {
  /** Names the recording in events; unique within the engine while it lasts. */
  recordingId: string;
  /**
   * Where the finished file will be; a name of ours, never one that a user gave. While it grows the file is `PATH.part`.
   * The folder must exist; nothing that is there already is overwritten.
   */
  path: string;
  format: RecordingFormat;
  /** 1: both sides mixed; 2: the far side left, what we send right. */
  channels: 1 | 2;
  /** Leave out what we send (a message left after a beep); the right one of two channels is silent then. Default false. */
  farOnly?: boolean;
  /** Rate of the file. Default 8000. */
  sampleRateHz?: 8000 | 16000;
  /** Ends the recording when so much is recorded; pauses that are left out do not count. Default and at most 24 h. */
  maxDurationMs?: number;
  /** Ends the recording before the file grows beyond this. Default 4 GB, which is all that a WAV file can say of itself. */
  maxBytes?: number;
  /** Ends the recording when the far side has not spoken for so long, counted from the start too. Default: never. */
  silenceTimeoutMs?: number | null;
  /** Leave out the silence at the end. Default false. */
  trimSilence?: boolean;
  /** Replace sent and received digits by silence, as for card numbers. Default false; may change meanwhile. */
  suppressDigits?: boolean;
}

/** Why a recording ended. */
export type RecordingEndReason = 'stopped' | 'max_duration' | 'max_bytes' | 'silence' | 'session_closed' | 'error';

/**
 * What went wrong: `exists` a file of that name is there already · `unwritable` the folder is missing or closed to us ·
 * `disk_full` no room, or over a quota · `write_failed` another error of the disk · `too_slow` the disk or the encoder did
 * not keep up · `thread_failed` a thread of the engine died.
 */
export type RecordingErrorReason =
  | 'exists'
  | 'unwritable'
  | 'disk_full'
  | 'write_failed'
  | 'too_slow'
  | 'thread_failed';

/** The end of a recording, told exactly once for every start. */
export interface RecordingEnd {
  recordingId: string;
  reason: RecordingEndReason;
  /** Of the sound in the file. */
  durationMs: number;
  /** Size of the file; 0: there is none. */
  bytes: number;
  /** Of the whole file, in hexadecimal; empty when there is none. */
  sha256: string;
  /** Only with the reason `error`. What was recorded before it is kept when it can be. */
  error: { reason: RecordingErrorReason; message: string } | null;
}

/** What a pause leaves in the file: nothing, or silence of its length. */
export type PauseFilling = 'nothing' | 'silence';

/** Every option with its value. */
export type RecordingSettings = Required<Omit<RecordingOptions, 'recordingId'>>;

const MAX_DURATION_MS = 24 * 3600 * 1000;
const MAX_BYTES = 0xffff_ffff;

/**
 * Fills in the defaults.
 *
 * @throws RangeError when a number cannot work.
 */
export function recordingSettings(options: RecordingOptions): RecordingSettings {
  const { maxDurationMs = MAX_DURATION_MS, maxBytes = MAX_BYTES, silenceTimeoutMs = null } = options;
  within('maxDurationMs', maxDurationMs, 1, MAX_DURATION_MS);
  within('maxBytes', maxBytes, 1024, MAX_BYTES);
  if (silenceTimeoutMs !== null) within('silenceTimeoutMs', silenceTimeoutMs, 100, MAX_DURATION_MS);
  const { path, format, channels, farOnly = false, sampleRateHz = 8000 } = options;
  const { trimSilence = false, suppressDigits = false } = options;
  return {
    path,
    format,
    channels,
    farOnly,
    sampleRateHz,
    maxDurationMs,
    maxBytes,
    silenceTimeoutMs,
    trimSilence,
    suppressDigits,
  };
}

function within(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high)) throw new RangeError(`${name} must be from ${low} to ${high}, not ${value}`);
}
