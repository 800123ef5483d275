import { DtmfDetector } from '../dsp/dtmf-detector.ts';
import type { AudioSink } from './packet-sink.ts';

/** Enough silence to end a digit; pauses that were never sent (silence suppression) or lost are filled up to this. */
const MAX_PAUSE_MS = 100;
const LONGEST_PAUSE_SAMPLES = 1600;

const pause = new Int16Array(LONGEST_PAUSE_SAMPLES);

/** Hears DTMF tones in the sound, for far sides that did not agree on RFC 4733 events. */
export class InbandDigits implements AudioSink {
  readonly #onDigit: (digit: string) => void;
  #sampleRateHz = 8000;
  #detector = new DtmfDetector({ sampleRateHz: 8000 });

  constructor(onDigit: (digit: string) => void) {
    this.#onDigit = onDigit;
  }

  accept(samples: Int16Array, n: number, sampleRateHz: number, missing: number): void {
    if (sampleRateHz !== this.#sampleRateHz) {
      this.#sampleRateHz = sampleRateHz;
      this.#detector = new DtmfDetector({ sampleRateHz });
    }
    if (missing > 0) this.#detect(pause, Math.min(missing, (MAX_PAUSE_MS * sampleRateHz) / 1000));
    this.#detect(samples, n);
  }

  #detect(heard: Int16Array, n: number): void {
    const digits = this.#detector.process(heard, 0, n);
    for (let i = 0; i < digits.length; i++) this.#onDigit(digits.charAt(i));
  }
}
