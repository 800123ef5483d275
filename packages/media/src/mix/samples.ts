const MAX = 32_767;
const MIN = -32_768;

/** Adds `n` samples to a sum. */
export function addTo(sum: Int32Array, sumAt: number, samples: Int16Array, at: number, n: number): void {
  for (let i = 0; i < n; i++) sum[sumAt + i] = (sum[sumAt + i] as number) + (samples[at + i] as number);
}

/** The same, the first half of the frame rising from silence. */
export function addFadingIn(sum: Int32Array, sumAt: number, samples: Int16Array, at: number, n: number): void {
  addRamped(sum, sumAt, samples, at, n, 0, 1, n >> 1);
}

/** The same with a gain that goes from one value to another over the first `ramp` samples and stays there. */
export function addRamped(
  sum: Int32Array,
  sumAt: number,
  samples: Int16Array,
  at: number,
  n: number,
  from: number,
  to: number,
  ramp: number,
): void {
  const step = (to - from) / ramp;
  for (let i = 0; i < n; i++) {
    const gain = i < ramp ? from + step * i : to;
    sum[sumAt + i] = (sum[sumAt + i] as number) + Math.round((samples[at + i] as number) * gain);
  }
}

/** Lets sound that broke off at `last` fade out over the first quarter of `n` samples. */
export function addTail(sum: Int32Array, sumAt: number, last: number, n: number): void {
  const length = n >> 2;
  for (let i = 0; i < length; i++) {
    sum[sumAt + i] = (sum[sumAt + i] as number) + Math.round((last * (length - i)) / length);
  }
}

/** Applies a gain that goes from one value to another over the first `ramp` samples and stays there; clipped. */
export function applyGain(samples: Int16Array, at: number, n: number, from: number, to: number, ramp: number): void {
  const step = (to - from) / ramp;
  for (let i = 0; i < n; i++) {
    const value = Math.round((samples[at + i] as number) * (i < ramp ? from + step * i : to));
    samples[at + i] = value > MAX ? MAX : value < MIN ? MIN : value;
  }
}

/** Copies a sum into 16 bits, clipped. */
export function clampInto(sum: Int32Array, sumAt: number, samples: Int16Array, at: number, n: number): void {
  for (let i = 0; i < n; i++) {
    const value = sum[sumAt + i] as number;
    samples[at + i] = value > MAX ? MAX : value < MIN ? MIN : value;
  }
}

/** The largest magnitude in a sum. */
export function peakOf(sum: Int32Array, at: number, n: number): number {
  let peak = 0;
  for (let i = 0; i < n; i++) {
    const value = sum[at + i] as number;
    const magnitude = value < 0 ? -value : value;
    if (magnitude > peak) peak = magnitude;
  }
  return peak;
}

/** The mean magnitude of samples. */
export function meanMagnitude(samples: Int16Array, n: number): number {
  let total = 0;
  for (let i = 0; i < n; i++) {
    const value = samples[i] as number;
    total += value < 0 ? -value : value;
  }
  return total / n;
}
