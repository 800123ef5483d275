import type { AudioFormat } from './audio-format.ts';

/** Decoded sound: one array of samples from -1 to 1 per channel; no channels or empty ones where there is none yet. */
export type DecodedPiece = { channelData: readonly Float32Array[]; sampleRate: number };

/** Decodes a file handed to it piece by piece. */
export type StreamDecoder = {
  decode(piece: Uint8Array): DecodedPiece;
  /** Gives what the end of the file releases, once. */
  flush?(): DecodedPiece;
  free(): void;
};

// Loaded when first needed: most workers meet one or two formats.
const OPENERS: Readonly<Record<AudioFormat, () => Promise<StreamDecoder>>> = {
  // Only for what our own reader leaves, such as ADPCM.
  wav: async () => (await import('@audio/decode-wav')).decoder(),
  mp3: async () => (await import('@audio/decode-mp3')).decoder(),
  flac: async () => (await import('@audio/decode-flac')).decoder(),
  vorbis: async () => (await import('@audio/decode-vorbis')).decoder(),
  opus: async () => (await import('@audio/decode-opus')).decoder(),
  aiff: async () => (await import('@audio/decode-aiff')).decoder(),
};

/** Makes the decoder of a format ready; the caller frees it. */
export function openStreamDecoder(format: AudioFormat): Promise<StreamDecoder> {
  return OPENERS[format]();
}
