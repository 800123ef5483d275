/**
 * Why text could not be spoken: `unknown_voice` · `unsupported_language` · `text_too_long` · `time_limit` it took too long ·
 * `busy` too much text waits already · `failed` the voice engine failed · `closed` the speech service was closed.
 */
export type SpeechReason =
  | 'unknown_voice'
  | 'unsupported_language'
  | 'text_too_long'
  | 'time_limit'
  | 'busy'
  | 'failed'
  | 'closed';

/** Text could not be spoken; `reason` is for programs, `message` for people. */
export class SpeechError extends Error {
  readonly reason: SpeechReason;

  constructor(reason: SpeechReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SpeechError';
    this.reason = reason;
  }
}
