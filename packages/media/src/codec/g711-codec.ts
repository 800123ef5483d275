import { LossConcealer } from '../dsp/loss-concealer.ts';
import type { AudioEncoder, FrameDecoder, OctetCodec } from './audio-codec.ts';
import { ALAW_SILENCE, decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw, MULAW_SILENCE } from './g711.ts';

const SAMPLE_RATE_HZ = 8000;

class G711Decoder implements FrameDecoder {
  readonly #expand: typeof decodeMulaw;
  readonly #concealer = new LossConcealer(SAMPLE_RATE_HZ);

  constructor(expand: typeof decodeMulaw) {
    this.#expand = expand;
  }

  decode(bytes: Uint8Array, at: number, length: number, target: Int16Array, targetAt: number): number {
    const n = Math.max(0, Math.min(length, bytes.length - at, target.length - targetAt));
    this.#expand(bytes, at, target, targetAt, n);
    this.#concealer.heard(target, targetAt, n);
    return n;
  }

  conceal(target: Int16Array, targetAt: number, n: number): void {
    this.#concealer.conceal(target, targetAt, n);
  }

  samplesIn(_bytes: Uint8Array, _at: number, length: number): number {
    return length;
  }
}

function encoder(compress: typeof encodeMulaw): AudioEncoder {
  return {
    encode(samples, at, n, target, targetAt) {
      compress(samples, at, target, targetAt, n);
      return n;
    },
  };
}

// Nothing is remembered from one sample to the next, so one encoder serves all.
const mulawEncoder = encoder(encodeMulaw);
const alawEncoder = encoder(encodeAlaw);

/** G.711 µ-law, 64 kbit/s (RFC 3551 §4.5.14). */
export const PCMU: OctetCodec = {
  name: 'PCMU',
  clockRateHz: 8000,
  sampleRateHz: SAMPLE_RATE_HZ,
  silence: MULAW_SILENCE,
  createEncoder: () => mulawEncoder,
  createDecoder: () => new G711Decoder(decodeMulaw),
};

/** G.711 A-law, 64 kbit/s (RFC 3551 §4.5.14). */
export const PCMA: OctetCodec = {
  name: 'PCMA',
  clockRateHz: 8000,
  sampleRateHz: SAMPLE_RATE_HZ,
  silence: ALAW_SILENCE,
  createEncoder: () => alawEncoder,
  createDecoder: () => new G711Decoder(decodeAlaw),
};
