import type { FrameDecoder } from '../codec/audio-codec.ts';
import { isQuiet } from './time-scale.ts';

/** Sound that breaks off is continued for so long, falling silent; longer than any concealment lasts. */
const FADE_OUT_MS = 80;
/** A far side that sends its room's noise only now and then does so every 400 ms; the network may delay that. */
const NOISE_MS = 1000;

/**
 * What is heard when nothing comes any more: sound that broke off fades out. Where the codec's decoder knows the noise of
 * pauses (Opus with DTX), noise goes on as that until the far side would have sent more, or a room would come and go.
 */
export class FallingSilent {
  readonly #decoder: FrameDecoder;
  readonly #perMs: number;
  /** Samples since the last sound. */
  #silent = Number.POSITIVE_INFINITY;
  /** The pause is the decoder's noise. */
  #noisy = false;

  constructor(decoder: FrameDecoder, sampleRateHz: number) {
    this.#decoder = decoder;
    this.#perMs = sampleRateHz / 1000;
  }

  /** Sound came, or was concealed. */
  sounded(): void {
    this.#silent = 0;
  }

  /** Writes the next `n` samples of the pause; false: they are zeros. */
  write(samples: Int16Array, at: number, n: number): boolean {
    const begins = this.#silent === 0;
    const silentMs = this.#silent / this.#perMs;
    this.#silent += n;
    if (begins) this.#noisy = false;
    let sounds = false;
    if (silentMs < (this.#noisy ? NOISE_MS : FADE_OUT_MS)) {
      // The decoder must know of all the silence, or it would blend the next sound into what was before it.
      this.#decoder.conceal(samples, at, n);
      if (begins) this.#noisy = this.#decoder.knowsNoise === true && isQuiet(samples, at, n);
      sounds = begins || this.#noisy;
      const isLast = this.#noisy ? silentMs + n / this.#perMs >= NOISE_MS : begins;
      if (isLast) for (let i = 0; i < n; i++) samples[at + i] = ((samples[at + i] as number) * (n - i)) / (n + 1);
    }
    if (!sounds) samples.fill(0, at, at + n);
    return sounds;
  }
}
