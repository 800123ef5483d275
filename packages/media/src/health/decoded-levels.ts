import type { CodecName, FrameDecoder } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import { CLIPPED_PART, FULL_SCALE } from './octet-levels.ts';

/** Of so many packets the last are decoded: some for the decoder to find its way, then what is looked at. */
const CYCLE_PACKETS = 50;
const DECODED_PACKETS = 6;

// One at a time uses it: a worker reads one packet after the other.
const samples = new Int16Array(4096);

/** How loud packets are whose octets say nothing of it (G.722, Opus): a few are decoded, as decoding is dear. */
export class DecodedLevels {
  /** Mean square of 16-bit samples of the packet looked at last. */
  power = 0;
  clipped = false;
  readonly #decoders = new Map<CodecName, FrameDecoder>();
  #codec: CodecName | null = null;
  #packets = 0;

  /** Takes one packet. True when it was looked at. */
  measure(codec: CodecName, bytes: Uint8Array, at: number, length: number): boolean {
    if (codec !== this.#codec) {
      this.#codec = codec;
      this.#packets = 0;
    }
    const left = CYCLE_PACKETS - 1 - (this.#packets++ % CYCLE_PACKETS);
    if (left >= DECODED_PACKETS) return false;
    const n = this.#decoderOf(codec).decode(bytes, at, length, samples, 0);
    if (left > 1 || n === 0) return false;
    let sum = 0;
    let full = 0;
    for (let i = 0; i < n; i++) {
      const sample = samples[i] as number;
      sum += sample * sample;
      if (sample >= FULL_SCALE || sample <= -FULL_SCALE) full++;
    }
    // A decoder that missed packets may still say something of its own in one of the two; it is not often softer.
    this.power = left === 1 ? sum / n : Math.min(this.power, sum / n);
    this.clipped = full > n * CLIPPED_PART;
    return left === 0;
  }

  #decoderOf(codec: CodecName): FrameDecoder {
    let decoder = this.#decoders.get(codec);
    if (decoder === undefined) {
      decoder = AUDIO_CODECS[codec].createDecoder();
      this.#decoders.set(codec, decoder);
    }
    return decoder;
  }
}
