/** Samples below this part of the peak at its ends are silence. */
const SILENCE_SHARE = 0.015;

/** Where a sound is heard, without the silence around it (`end` is exclusive); all of it where it is silent. */
export function audibleSpan(samples: Int16Array): { start: number; end: number } {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  const isAudible = (sample: number) => Math.abs(sample) > peak * SILENCE_SHARE;
  const start = samples.findIndex(isAudible);
  return start < 0 ? { start: 0, end: samples.length } : { start, end: samples.findLastIndex(isAudible) + 1 };
}
