/** What one message may cost. */
export interface MessageLimits {
  /** Start line, headers and body together; a larger request is answered 513. */
  maxMessageBytes: number;
  /** Start line and headers together. */
  maxHeadBytes: number;
  /** Header lines. */
  maxHeaders: number;
  /** One header with its continuation lines, or the start line, in characters. */
  maxLineLength: number;
}

export const DEFAULT_LIMITS: Readonly<MessageLimits> = {
  maxMessageBytes: 65_535,
  maxHeadBytes: 32_768,
  maxHeaders: 256,
  maxLineLength: 8_192,
};
