import type { AudioSink } from './packet-sink.ts';

/** Longest gap that is filled with silence: one that is longer is a jump of the far side's clock. */
const MAX_GAP_MS = 10_000;

/** Hands the far side's sound out of the worker, gaps filled with silence, for a phone to play or record. */
export class Capture implements AudioSink {
  readonly #onAudio: (samples: Int16Array, sampleRateHz: number) => void;

  constructor(onAudio: (samples: Int16Array, sampleRateHz: number) => void) {
    this.#onAudio = onAudio;
  }

  accept(samples: Int16Array, n: number, sampleRateHz: number, missing: number): void {
    const gap = missing * 1000 <= MAX_GAP_MS * sampleRateHz ? missing : 0;
    const copy = new Int16Array(gap + n);
    copy.set(samples.subarray(0, n), gap);
    this.#onAudio(copy, sampleRateHz);
  }
}
