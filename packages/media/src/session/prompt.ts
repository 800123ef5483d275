import type { OctetCodec } from '../codec/audio-codec.ts';

/** Rate of prompts that can be encoded beforehand. */
export const PROMPT_RATE_HZ = 8000;

/** 16 kHz is for calls that carry it (G.722, Opus). */
export type PromptRateHz = 8000 | 16000;

/** Samples encoded at a time: a second of sound costs some ten microseconds, an hour at once would delay every call. */
const CHUNK = 8000;

/** One prompt in one codec, encoded piece by piece when first needed and shared by all who play it. */
export class EncodedPrompt {
  readonly bytes: Uint8Array;
  readonly #samples: Int16Array;
  readonly #codec: OctetCodec;
  readonly #encoded: Uint8Array;

  constructor(samples: Int16Array, codec: OctetCodec) {
    this.#samples = samples;
    this.#codec = codec;
    this.bytes = new Uint8Array(samples.length);
    this.#encoded = new Uint8Array(Math.ceil(samples.length / CHUNK));
  }

  /** Copies `n` payload octets from sample `from` on; what lies behind the end becomes silence. */
  copy(from: number, target: Uint8Array, at: number, n: number): void {
    const { bytes } = this;
    const available = Math.max(0, Math.min(n, bytes.length - from));
    if (available > 0) {
      this.#ensure(Math.floor(from / CHUNK));
      this.#ensure(Math.floor((from + available - 1) / CHUNK));
    }
    for (let i = 0; i < available; i++) target[at + i] = bytes[from + i] as number;
    if (available < n) target.fill(this.#codec.silence, at + available, at + n);
  }

  #ensure(chunk: number): void {
    if (this.#encoded[chunk] === 1) return;
    this.#encoded[chunk] = 1;
    const from = chunk * CHUNK;
    const length = Math.min(CHUNK, this.#samples.length - from);
    this.#codec.createEncoder().encode(this.#samples, from, length, this.bytes, from);
  }
}

/** A prompt to play. */
export interface Prompt {
  readonly samples: Int16Array;
  readonly sampleRateHz: PromptRateHz;
  /** Its payload for the codec of the call, where sound can be encoded beforehand: one at {@link PROMPT_RATE_HZ}. */
  encodedFor(codec: OctetCodec): EncodedPrompt;
}
