import type { AudioCodec, FrameDecoder } from '../codec/audio-codec.ts';

/** Takes what we send, as samples. */
export interface SentSink {
  /** The sound of one packet; `samples` is reused afterwards. `atMs`: its time on the worker's clock, by its timestamp. */
  sent(samples: Int16Array, n: number, sampleRateHz: number, atMs: number): void;
  /** A packet of a digit was sent as an event. */
  sentDigit(nowMs: number): void;
}

/** Timestamps further than this from the clock are set to it; a worker that stood still makes up for 200 ms. */
const MAX_APART_MS = 250;

// One at a time uses it: a worker sends one packet after the other.
const samples = new Int16Array(4096);

/** Decodes what a session sends, whoever made it (prompts, rooms, another session's packets), for those who want it. */
export class SentTap {
  readonly #sink: SentSink;
  readonly #now: () => number;
  #codec: AudioCodec | null = null;
  #decoder: FrameDecoder | null = null;
  #timestamp = 0;
  #atMs = 0;

  constructor(sink: SentSink, now: () => number) {
    this.#sink = sink;
    this.#now = now;
  }

  /** One packet of sound with its timestamp. */
  audio(codec: AudioCodec, bytes: Uint8Array, at: number, length: number, timestamp: number): void {
    const nowMs = this.#now();
    let atMs = this.#atMs + (((timestamp - this.#timestamp) | 0) * 1000) / codec.clockRateHz;
    if (this.#decoder === null || codec !== this.#codec) {
      this.#codec = codec;
      this.#decoder = codec.createDecoder();
      atMs = nowMs;
    } else if (Math.abs(atMs - nowMs) > MAX_APART_MS) atMs = nowMs;
    this.#timestamp = timestamp;
    this.#atMs = atMs;
    const n = this.#decoder.decode(bytes, at, length, samples, 0);
    this.#sink.sent(samples, n, codec.sampleRateHz, atMs);
  }

  /** One packet of a digit. */
  digit(): void {
    this.#sink.sentDigit(this.#now());
  }
}
