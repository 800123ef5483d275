/** Rate and length of the frames that detectors look at: 20 ms. */
export const FRAME_RATE_HZ = 8000;
export const FRAME_SAMPLES = 160;
export const FRAME_MS = 20;

// A half-band filter, enough to look at the sound of a telephone: flat to 2.5 kHz, 6 dB down at 4 kHz.
const CENTRE = 16 / 32;
const NEAR = 9 / 32;
const FAR = -1 / 32;

/** Cuts a stream of samples at 8 or 16 kHz into frames of {@link FRAME_SAMPLES} at 8 kHz. Allocates nothing per frame. */
export class FrameReader {
  /** The frame, valid when {@link push} returned true, until the next call. */
  readonly frame = new Float64Array(FRAME_SAMPLES);
  #filled = 0;
  // The last samples at 16 kHz, the newest last.
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;
  #e = 0;
  #f = 0;
  #odd = false;

  /** Takes one sample; true when it completes a frame. */
  push(sample: number, sampleRateHz: number): boolean {
    if (sampleRateHz === FRAME_RATE_HZ) return this.#add(sample);
    const first = this.#a;
    this.#a = this.#b;
    this.#b = this.#c;
    this.#c = this.#d;
    this.#d = this.#e;
    this.#e = this.#f;
    this.#f = sample;
    this.#odd = !this.#odd;
    if (this.#odd) return false;
    return this.#add(FAR * (first + sample) + NEAR * (this.#b + this.#d) + CENTRE * this.#c);
  }

  #add(sample: number): boolean {
    if (this.#filled === FRAME_SAMPLES) this.#filled = 0;
    this.frame[this.#filled++] = sample;
    return this.#filled === FRAME_SAMPLES;
  }
}
