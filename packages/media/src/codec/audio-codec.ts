/** Codecs by their names in SDP (RFC 3551 §6). */
export type CodecName = 'PCMU' | 'PCMA' | 'G722' | 'opus';

/** What the far side asks of our encoder (`a=fmtp`); codecs without such wishes ignore it. */
export interface EncoderParameters {
  /** The highest bit rate, in bits per second; null: the encoder's own. */
  maxBitrateBps: number | null;
  /** Put a coarse copy of each frame into the next packet, for the receiver to use when one is lost. */
  forwardErrorCorrection: boolean;
  /** Every packet of the same size. */
  constantBitrate: boolean;
}

/** Turns one stream of samples into payloads. It may remember what came before: one instance per stream. */
export interface AudioEncoder {
  /**
   * Encodes `n` samples from `at` as one payload, written from `targetAt` on.
   *
   * @returns the number of octets written.
   */
  encode(samples: Int16Array, at: number, n: number, target: Uint8Array, targetAt: number): number;
  /**
   * Whether packets are lost on the way; true until something else is known. Who was asked for copies
   * ({@link EncoderParameters.forwardErrorCorrection}) makes them only then.
   */
  expectLosses?(expected: boolean): void;
}

/** Turns the payloads of one stream into samples. It may remember what came before: one instance per stream. */
export interface FrameDecoder {
  /** Whether {@link conceal} goes on with the noise of a pause that the far side's encoder only sends now and then. */
  readonly knowsNoise?: boolean;
  /**
   * Decodes one payload of `length` octets from `at` on. Never throws: a damaged payload gives what can be decoded.
   *
   * @returns the number of samples written from `targetAt` on; never more than there is room for.
   */
  decode(bytes: Uint8Array, at: number, length: number, target: Int16Array, targetAt: number): number;
  /** Writes `n` samples in place of sound that was lost. */
  conceal(target: Int16Array, targetAt: number, n: number): void;
  /** The number of samples that this payload will decode to; 0 for one that is damaged. */
  samplesIn(bytes: Uint8Array, at: number, length: number): number;
  /**
   * Where payloads hold a copy of the sound before them: writes the `n` samples that were lost just before this payload,
   * which is to be decoded next. Better than {@link conceal}.
   *
   * @returns false when it cannot; then nothing was written.
   */
  recover?(bytes: Uint8Array, at: number, length: number, target: Int16Array, targetAt: number, n: number): boolean;
}

/** One codec: what SDP and RTP say of it, and how its payloads become samples. */
export interface AudioCodec {
  readonly name: CodecName;
  /** Clock of the RTP timestamps. G.722 says 8000 though it has 16,000 samples per second (RFC 3551 §4.5.2). */
  readonly clockRateHz: number;
  /** Rate of the samples the encoder takes and the decoder gives. */
  readonly sampleRateHz: 8000 | 16000;
  /** The payload octet of silence where one octet is one sample and nothing is remembered (G.711); else null. */
  readonly silence: number | null;
  createEncoder(parameters?: EncoderParameters): AudioEncoder;
  createDecoder(): FrameDecoder;
}

/** A codec whose payload octets are samples, each for itself: sound can be encoded beforehand and shared. */
export interface OctetCodec extends AudioCodec {
  readonly silence: number;
}

export function isOctetCodec(codec: AudioCodec): codec is OctetCodec {
  return codec.silence !== null;
}
