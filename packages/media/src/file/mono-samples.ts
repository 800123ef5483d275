/** Samples of one channel. */
export type MonoSamples = { samples: Int16Array; sampleRateHz: number };

/** Rounds a sample in 16-bit units and keeps it within the range; what is no number is silence. */
export function toInt16(value: number): number {
  return value >= 32_767 ? 32_767 : value <= -32_768 ? -32_768 : Math.round(value) || 0;
}

/** Whether a number can be the sample rate of a sound file, in Hz. */
export function isSampleRate(value: number): boolean {
  return Number.isInteger(value) && value >= 1000 && value <= 384_000;
}
