/**
 * Makes a piece of sound a little longer or shorter without a change of its pitch: one period of the voice is put in or
 * taken out where it matches best, cross-faded (the method of WSOLA, for one cut).
 */

const MIN_LAG_MS = 2.5;
const MAX_LAG_MS = 12.5;
const OVERLAP_MS = 5;
/** The likeness (correlation, 1 = equal) under which a cut would be heard. */
const MIN_LIKENESS = 0.4;
/** Of lags nearly as good the longest is taken: one cut is heard less than two. */
const AS_LIKE = 0.01;
/** Mean square under which sound is too soft for a cut to be heard: about -46 dBm0. */
const QUIET_POWER = 130 * 130;

/**
 * The lag, in samples, at which `length` samples from `at` best repeat themselves; 0 when they are too short or do not
 * repeat. `maxSamples` limits it.
 */
export function findLag(samples: Int16Array, at: number, length: number, rateHz: number, maxSamples: number): number {
  const overlap = overlapOf(length, rateHz);
  const least = Math.round((MIN_LAG_MS * rateHz) / 1000);
  const most = Math.min(Math.round((MAX_LAG_MS * rateHz) / 1000), length - overlap, Math.floor(maxSamples));
  if (most < least) return 0;
  if (isQuiet(samples, at, length)) return most;
  // Every second sample is enough to find a period at the wider rate.
  const step = rateHz > 8000 ? 2 : 1;
  let energyA = 0;
  for (let i = 0; i < overlap; i += step) energyA += (samples[at + i] as number) ** 2;
  let best = 0;
  let bestLikeness = MIN_LIKENESS + AS_LIKE;
  for (let lag = least; lag <= most; lag += step) {
    let product = 0;
    let energyB = 0;
    for (let i = 0; i < overlap; i += step) {
      const b = samples[at + lag + i] as number;
      product += (samples[at + i] as number) * b;
      energyB += b * b;
    }
    const likeness = product / Math.sqrt(energyA * energyB + 1);
    if (likeness <= bestLikeness - AS_LIKE) continue;
    best = lag;
    bestLikeness = Math.max(bestLikeness, likeness);
  }
  return best;
}

/** Takes `lag` samples out of `length` from `at`, found by {@link findLag}; the rest moves up. */
export function takeOut(samples: Int16Array, at: number, length: number, rateHz: number, lag: number): void {
  const overlap = overlapOf(length, rateHz);
  for (let i = at; i < at + overlap; i++) {
    const before = samples[i] as number;
    samples[i] = before + (((samples[i + lag] as number) - before) * (i - at + 1)) / (overlap + 1);
  }
  samples.copyWithin(at + overlap, at + lag + overlap, at + length);
}

/** Puts `lag` samples, found by {@link findLag}, into `length` from `at`, which must be followed by as much free room. */
export function putIn(samples: Int16Array, at: number, length: number, rateHz: number, lag: number): void {
  // The first period is played twice: a b c -> a (b fading into a) b c.
  samples.copyWithin(at + lag, at, at + length);
  const overlap = overlapOf(length, rateHz);
  // Behind the first copy the sound went on as it now does one lag later still.
  for (let i = 0; i < overlap; i++) {
    const now = samples[at + lag + i] as number;
    const went = samples[at + 2 * lag + i] as number;
    samples[at + lag + i] = went + ((now - went) * (i + 1)) / (overlap + 1);
  }
}

/** Whether sound is so soft that a cut in it is not heard. */
export function isQuiet(samples: Int16Array, at: number, length: number): boolean {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (samples[at + i] as number) ** 2;
  return sum < QUIET_POWER * length;
}

function overlapOf(length: number, rateHz: number): number {
  return Math.min(Math.round((OVERLAP_MS * rateHz) / 1000), length >> 2);
}
