import type { RecordingEnd, RecordingEndReason, RecordingErrorReason, RecordingFormat } from './recording.ts';

/** The end of a message channel, as `MessagePort` of `node:worker_threads` is one. */
export interface Channel {
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
  on(event: 'message' | 'close', listener: (message: unknown) => void): unknown;
  close(): void;
}

export type RecordingFault = { reason: RecordingErrorReason; message: string };

/** What a media worker sends to the writer, straight and in order. `recording` is the engine's number of a recording. */
export type WriterCommand =
  | {
      type: 'open';
      recording: number;
      path: string;
      format: RecordingFormat;
      channels: 1 | 2;
      sampleRateHz: number;
      maxBytes: number;
    }
  /** Interleaved; handed over, not copied. */
  | { type: 'samples'; recording: number; block: Int16Array<ArrayBuffer> }
  | {
      type: 'end';
      recording: number;
      reason: RecordingEndReason;
      keepFrames: number | null;
      error: RecordingFault | null;
    };

/** What the writer sends back to the media worker. */
export type WriterReply =
  /** A block is written and may be filled again. */
  | { type: 'used'; recording: number; block: Int16Array<ArrayBuffer> }
  /** The recording ended in the writer: nothing is to be sent for it any more. */
  | { type: 'gone'; recording: number };

/** What the writer tells the control thread. */
export type WriterEvent =
  | { type: 'ended'; recording: number; end: Omit<RecordingEnd, 'recordingId'> }
  /** A media worker's channel closed, and `ended` was told of all its recordings. */
  | { type: 'disconnected'; connection: number };
