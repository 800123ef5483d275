import type { CallInfo, JsonObject, StreamTrack } from '@voxology/callflow';

/** What the messages of one stream are made of. */
export interface StreamFacts {
  call: CallInfo;
  streamId: string;
  name: string | null;
  tracks: readonly StreamTrack[];
  bidirectional: boolean;
  codec: 'mulaw' | 'l16';
  sampleRateHz: number;
  streamData: JsonObject | null;
}

/** What the far end of a bidirectional stream may ask. */
export type StreamRequest =
  /** Base64 of the stream's codec. */
  { type: 'media'; payload: string } | { type: 'mark'; name: string } | { type: 'clear' };

/** The messages of one connection; each protocol is one of these. Counts, so it serves one connection only. */
export interface StreamProtocol {
  opened(): string[];
  /** `timeMs` since the stream began; `payload` is base64. */
  media(track: StreamTrack, payload: string, timeMs: number): string;
  digit(digit: string): string | null;
  /** All sound sent before the mark has been heard, or was cleared. */
  mark(name: string): string;
  ended(): string;
  /** Null for what is no request of this protocol. */
  read(text: string): StreamRequest | null;
}

/** The JSON object of a message, or null. */
export function messageOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
