import { FRAME_RATE_HZ, FRAME_SAMPLES } from './frame-reader.ts';

const SIZE = 256;
const HALF = SIZE / 2;
const BIN_HZ = FRAME_RATE_HZ / SIZE;
/** Half the width of a line: a Hann window of 160 samples spreads it over ±100 Hz. */
const LOBE = 3;
/** Below lies the hum of lines and the fundamental of voices, above nothing of the telephone band. */
const FIRST_BIN = Math.round(200 / BIN_HZ);
const LAST_BIN = Math.round(3500 / BIN_HZ);
/** What dBm0 is of the mean square of 16-bit samples: a sine of 0 dBm0 has the amplitude 22,300. */
const DBM0_OF_FULL_POWER = 83.96;
const SILENT_DBM0 = -96;

/** What one frame sounds like. */
export interface FrameFeatures {
  levelDbm0: number;
  /** Frequency of the strongest line. */
  peakHz: number;
  /** Part of the energy between 200 and 3500 Hz that lies in the strongest line; 1: a pure tone. */
  peakShare: number;
  /** The same of the strongest two lines. */
  twoPeakShare: number;
  secondPeakHz: number;
  /** Changes of sign per sample: voices have few, hisses many. */
  crossings: number;
}

/** The spectrum of one 20 ms frame, and what matters of it. One transform serves all detectors. Allocates nothing. */
export class Spectrum implements FrameFeatures {
  levelDbm0 = SILENT_DBM0;
  peakHz = 0;
  peakShare = 0;
  twoPeakShare = 0;
  secondPeakHz = 0;
  crossings = 0;
  readonly #re = new Float64Array(HALF);
  readonly #im = new Float64Array(HALF);
  readonly #power = new Float64Array(HALF);

  /** Looks at one frame of 160 samples at 8 kHz. */
  analyse(frame: Float64Array): void {
    let energy = 0;
    let crossings = 0;
    let before = frame[0] as number;
    for (let i = 0; i < FRAME_SAMPLES; i++) {
      const sample = frame[i] as number;
      energy += sample * sample;
      if (before < 0 !== sample < 0) crossings++;
      before = sample;
    }
    this.crossings = crossings / FRAME_SAMPLES;
    this.levelDbm0 = energy < 1 ? SILENT_DBM0 : 10 * Math.log10(energy / FRAME_SAMPLES) - DBM0_OF_FULL_POWER;
    this.#transform(frame);
    this.#findPeaks();
  }

  #findPeaks(): void {
    const power = this.#power;
    let total = 0;
    let peak = FIRST_BIN;
    for (let i = FIRST_BIN; i <= LAST_BIN; i++) {
      total += power[i] as number;
      if ((power[i] as number) > (power[peak] as number)) peak = i;
    }
    if (total < 1) {
      this.peakHz = 0;
      this.peakShare = 0;
      this.secondPeakHz = 0;
      this.twoPeakShare = 0;
      return;
    }
    let second = -1;
    for (let i = FIRST_BIN; i <= LAST_BIN; i++) {
      if (Math.abs(i - peak) <= LOBE) continue;
      if (second < 0 || (power[i] as number) > (power[second] as number)) second = i;
    }
    const share = this.#lobe(peak, -1) / total;
    this.peakHz = this.#refine(peak);
    this.peakShare = share;
    this.secondPeakHz = this.#refine(second);
    this.twoPeakShare = share + this.#lobe(second, peak) / total;
  }

  /** Energy of a line, without what belongs to another. */
  #lobe(centre: number, other: number): number {
    let sum = 0;
    for (let i = Math.max(FIRST_BIN, centre - LOBE); i <= Math.min(LAST_BIN, centre + LOBE); i++) {
      if (other < 0 || Math.abs(i - other) > LOBE) sum += this.#power[i] as number;
    }
    return sum;
  }

  /** The frequency of a line, from its highest bin and the two beside it. */
  #refine(bin: number): number {
    const left = Math.log((this.#power[bin - 1] as number) + 1e-9);
    const middle = Math.log((this.#power[bin] as number) + 1e-9);
    const right = Math.log((this.#power[bin + 1] as number) + 1e-9);
    const curve = left - 2 * middle + right;
    const offset = curve === 0 ? 0 : (0.5 * (left - right)) / curve;
    return (bin + Math.max(-0.5, Math.min(0.5, offset))) * BIN_HZ;
  }

  /** A real transform of 256 points as a complex one of 128. */
  #transform(frame: Float64Array): void {
    const re = this.#re;
    const im = this.#im;
    for (let i = 0; i < HALF; i++) {
      const place = REVERSED[i] as number;
      const at = 2 * i;
      re[place] = at < FRAME_SAMPLES ? (frame[at] as number) * (HANN[at] as number) : 0;
      im[place] = at + 1 < FRAME_SAMPLES ? (frame[at + 1] as number) * (HANN[at + 1] as number) : 0;
    }
    for (let length = 2; length <= HALF; length *= 2) {
      const half = length / 2;
      const stride = HALF / length;
      for (let j = 0; j < half; j++) {
        const cos = COS[j * stride * 2] as number;
        const sin = SIN[j * stride * 2] as number;
        for (let i = j; i < HALF; i += length) {
          const k = i + half;
          const x = (re[k] as number) * cos + (im[k] as number) * sin;
          const y = (im[k] as number) * cos - (re[k] as number) * sin;
          re[k] = (re[i] as number) - x;
          im[k] = (im[i] as number) - y;
          re[i] = (re[i] as number) + x;
          im[i] = (im[i] as number) + y;
        }
      }
    }
    const power = this.#power;
    for (let i = 1; i < HALF; i++) {
      const evenRe = ((re[i] as number) + (re[HALF - i] as number)) / 2;
      const evenIm = ((im[i] as number) - (im[HALF - i] as number)) / 2;
      const oddRe = ((im[i] as number) + (im[HALF - i] as number)) / 2;
      const oddIm = ((re[HALF - i] as number) - (re[i] as number)) / 2;
      const cos = COS[i] as number;
      const sin = SIN[i] as number;
      const x = evenRe + oddRe * cos + oddIm * sin;
      const y = evenIm + oddIm * cos - oddRe * sin;
      power[i] = x * x + y * y;
    }
  }
}

const HANN = Float64Array.from({ length: FRAME_SAMPLES }, (_, i) => {
  return 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / FRAME_SAMPLES);
});
const COS = Float64Array.from({ length: HALF }, (_, i) => Math.cos((2 * Math.PI * i) / SIZE));
const SIN = Float64Array.from({ length: HALF }, (_, i) => Math.sin((2 * Math.PI * i) / SIZE));
const REVERSED = Uint8Array.from({ length: HALF }, (_, i) => {
  let reversed = 0;
  for (let bit = 0; bit < 7; bit++) reversed |= ((i >> bit) & 1) << (6 - bit);
  return reversed;
});
