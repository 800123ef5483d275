import { sineAmplitude } from './dbm0.ts';
import { dtmfFrequencies } from './dtmf-digits.ts';

/** One sine of a tone. */
export type ToneComponent = {
  frequencyHz: number;
  /** Level of this sine alone, in dBm0. */
  levelDbm0: number;
};

export type ToneOptions = {
  durationMs: number;
  /** Default 8000. */
  sampleRateHz?: number;
  /** Raised-cosine rise and fall inside the duration, which keeps the tone free of clicks. Default 2 ms. */
  edgeMs?: number;
};

export type DtmfOptions = {
  /** Length of each digit. Default 100 ms. */
  toneMs?: number;
  /** Silence after each digit. Default 80 ms. */
  pauseMs?: number;
  /** Level of the row frequency, in dBm0. Default -8. */
  levelDbm0?: number;
  /** Column level minus row level, in dB. Default 2, as phones do against cable loss (ITU-T Q.23 §6). */
  twistDb?: number;
  /** Default 8000. */
  sampleRateHz?: number;
};

const DEFAULT_SAMPLE_RATE_HZ = 8000;

/** A tone of one or more sines, as 16-bit samples; sums beyond the range are clipped. */
export function synthesizeTone(components: readonly ToneComponent[], options: ToneOptions): Int16Array {
  const sampleRateHz = options.sampleRateHz ?? DEFAULT_SAMPLE_RATE_HZ;
  const samples = new Int16Array(Math.round((options.durationMs * sampleRateHz) / 1000));
  addTone(samples, 0, samples.length, components, sampleRateHz, options.edgeMs ?? 2);
  return samples;
}

/**
 * The tones of a row of DTMF keys (`0-9 * # A-D`, ITU-T Q.23), each followed by its pause.
 *
 * @throws RangeError when a character is not a key.
 */
export function synthesizeDtmf(keys: string, options: DtmfOptions = {}): Int16Array {
  const { toneMs = 100, pauseMs = 80, levelDbm0 = -8, twistDb = 2, sampleRateHz = DEFAULT_SAMPLE_RATE_HZ } = options;
  const toneLength = Math.round((toneMs * sampleRateHz) / 1000);
  const stride = toneLength + Math.round((pauseMs * sampleRateHz) / 1000);
  const samples = new Int16Array(stride * keys.length);
  for (let i = 0; i < keys.length; i++) {
    const pair = dtmfFrequencies(keys.charAt(i));
    if (pair === null) {
      throw new RangeError(`"${keys.charAt(i)}" at position ${i} is not a DTMF key; the keys are 0-9, *, # and A-D`);
    }
    const components = [
      { frequencyHz: pair.rowHz, levelDbm0 },
      { frequencyHz: pair.columnHz, levelDbm0: levelDbm0 + twistDb },
    ];
    addTone(samples, i * stride, toneLength, components, sampleRateHz, 2);
  }
  return samples;
}

function addTone(
  samples: Int16Array,
  offset: number,
  length: number,
  components: readonly ToneComponent[],
  sampleRateHz: number,
  edgeMs: number,
): void {
  const sines = components.map(({ frequencyHz, levelDbm0 }) => ({
    step: (2 * Math.PI * frequencyHz) / sampleRateHz,
    amplitude: sineAmplitude(levelDbm0),
  }));
  const edge = Math.min(Math.round((edgeMs * sampleRateHz) / 1000), length >> 1);
  for (let i = 0; i < length; i++) {
    let sum = 0;
    for (const sine of sines) sum += sine.amplitude * Math.sin(sine.step * i);
    const fromEnd = Math.min(i, length - 1 - i);
    if (fromEnd < edge) sum *= 0.5 - 0.5 * Math.cos((Math.PI * (fromEnd + 0.5)) / edge);
    samples[offset + i] = Math.max(-32_768, Math.min(32_767, Math.round(sum)));
  }
}
