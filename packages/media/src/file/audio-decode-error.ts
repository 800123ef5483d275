/**
 * Why an audio file could not be decoded:
 * `empty` no bytes, or no samples in them · `not_audio` no known format · `unread_format` a known format that we do not
 * read · `damaged` content that does not decode · `too_long` more than the limit · `time_limit` decoding took too long ·
 * `busy` too many files wait already · `closed` the decoder was closed.
 */
export type AudioDecodeReason =
  | 'empty'
  | 'not_audio'
  | 'unread_format'
  | 'damaged'
  | 'too_long'
  | 'time_limit'
  | 'busy'
  | 'closed';

/** An audio file could not be decoded; `reason` is for programs, `message` for people. */
export class AudioDecodeError extends Error {
  readonly reason: AudioDecodeReason;

  constructor(reason: AudioDecodeReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AudioDecodeError';
    this.reason = reason;
  }
}
