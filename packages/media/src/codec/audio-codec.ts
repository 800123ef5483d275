import { ALAW_SILENCE, decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw, MULAW_SILENCE } from './g711.ts';

/** Codecs by their names in SDP (RFC 3551 §6). */
export type CodecName = 'PCMU' | 'PCMA';

/** One codec: what SDP says of it and how its payload becomes samples. One payload octet is one sample at 8 kHz. */
export interface AudioCodec {
  readonly name: CodecName;
  /** The payload type that needs no `a=rtpmap` (RFC 3551 table 4). */
  readonly staticPayloadType: number;
  readonly clockRateHz: number;
  /** The payload octet of silence. */
  readonly silence: number;
  decode(src: Uint8Array, srcOffset: number, dst: Int16Array, dstOffset: number, n: number): void;
  encode(src: Int16Array, srcOffset: number, dst: Uint8Array, dstOffset: number, n: number): void;
}

/** Every codec the engine speaks. */
export const AUDIO_CODECS: Readonly<Record<CodecName, AudioCodec>> = {
  PCMU: {
    name: 'PCMU',
    staticPayloadType: 0,
    clockRateHz: 8000,
    silence: MULAW_SILENCE,
    decode: decodeMulaw,
    encode: encodeMulaw,
  },
  PCMA: {
    name: 'PCMA',
    staticPayloadType: 8,
    clockRateHz: 8000,
    silence: ALAW_SILENCE,
    decode: decodeAlaw,
    encode: encodeAlaw,
  },
};
