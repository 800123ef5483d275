import { FrameReader } from './frame-reader.ts';
import { Spectrum } from './spectrum.ts';
import { VoiceActivity } from './voice-activity.ts';

/** Voice activity of a stream for those who want to know nothing else of it. One instance serves one stream. */
export class SpeechDetector {
  readonly #reader = new FrameReader();
  readonly #spectrum = new Spectrum();
  readonly #activity: VoiceActivity;
  #voiced = false;

  /** `hangoverMs`: pauses up to this do not end speech. Default 200. */
  constructor({ hangoverMs = 200 }: { hangoverMs?: number } = {}) {
    this.#activity = new VoiceActivity({ hangoverMs });
  }

  /** Whether the last 20 ms were voiced, pauses within speech not included. */
  get voiced(): boolean {
    return this.#voiced;
  }

  /** Takes the next samples, at 8 or 16 kHz. Returns whether somebody speaks. */
  process(samples: Int16Array, at: number, n: number, sampleRateHz: number): boolean {
    for (let i = at; i < at + n; i++) {
      if (!this.#reader.push(samples[i] as number, sampleRateHz)) continue;
      this.#spectrum.analyse(this.#reader.frame);
      this.#voiced = this.#activity.accept(this.#spectrum);
    }
    return this.#activity.speaking;
  }
}
