import { FRAME_RATE_HZ, FRAME_SAMPLES } from './frame-reader.ts';

/** Frames that are remembered. */
export const HISTORY_FRAMES = 3;
const LENGTH = HISTORY_FRAMES * FRAME_SAMPLES;

/** The last 60 ms of sound: long enough to tell lines apart that are 35 Hz from each other. */
export class History {
  readonly #samples = new Float64Array(LENGTH);
  #energy = 0;

  add(frame: Float64Array): void {
    const samples = this.#samples;
    samples.copyWithin(0, FRAME_SAMPLES);
    samples.set(frame, LENGTH - FRAME_SAMPLES);
    this.#energy = -1;
  }

  /** Part of the energy that lies on this frequency. */
  share(frequencyHz: number): number {
    const samples = this.#samples;
    if (this.#energy < 0) {
      let energy = 0;
      for (let i = 0; i < LENGTH; i++) energy += (samples[i] as number) ** 2;
      this.#energy = energy;
    }
    if (this.#energy < 1) return 0;
    const coefficient = 2 * Math.cos((2 * Math.PI * frequencyHz) / FRAME_RATE_HZ);
    let last = 0;
    let beforeLast = 0;
    for (let i = 0; i < LENGTH; i++) {
      const next = (samples[i] as number) + coefficient * last - beforeLast;
      beforeLast = last;
      last = next;
    }
    return (last * last + beforeLast * beforeLast - coefficient * last * beforeLast) / ((this.#energy * LENGTH) / 2);
  }
}
