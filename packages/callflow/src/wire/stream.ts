import type { JsonObject } from './json.ts';

/** `far`: what the remote party says; `near`: what it hears. */
export type StreamTrack = 'far' | 'near';
export type StreamCodec = 'mulaw' | 'l16';

/** The call's sound to a WebSocket of the user's, and back. */
export type StreamEffect =
  | {
      type: 'start_stream';
      streamId: string;
      name: string | null;
      url: string;
      tracks: StreamTrack[];
      /** The far end's sound is played to the remote party, in place of what it hears. */
      bidirectional: boolean;
      /** Whose messages are spoken: our own, or those of Twilio Media Streams. */
      protocol: 'voxology' | 'twilio';
      codec: StreamCodec;
      sampleRateHz: 8000 | 16000 | 24000;
      /** Handed over in the first message. */
      streamData: JsonObject | null;
    }
  /** `stream_ended` follows, unless the call is over. */
  | { type: 'stop_stream'; streamId: string };

export type StreamInput =
  /** The WebSocket is open. */
  | { type: 'stream_started'; streamId: string }
  /** The last of a stream that was open. */
  | { type: 'stream_ended'; streamId: string; by: 'far_end' | 'stop' }
  /** It could not be opened, or broke. The last of a stream. */
  | { type: 'stream_failed'; streamId: string; reason: string };
