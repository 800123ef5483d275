/** In-place radix-2 Fourier transform; `re` and `im` have the same power-of-two length. `inverse` leaves out the 1/n. */
export function fft(re: Float64Array, im: Float64Array, inverse: boolean): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      swap(re, i, j);
      swap(im, i, j);
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    const step = ((inverse ? 2 : -2) * Math.PI) / size;
    const cos = new Float64Array(half);
    const sin = new Float64Array(half);
    for (let k = 0; k < half; k++) {
      cos[k] = Math.cos(step * k);
      sin[k] = Math.sin(step * k);
    }
    for (let start = 0; start < n; start += size) {
      for (let k = 0; k < half; k++) {
        const a = start + k;
        const b = a + half;
        const bRe = at(re, b) * at(cos, k) - at(im, b) * at(sin, k);
        const bIm = at(re, b) * at(sin, k) + at(im, b) * at(cos, k);
        re[b] = at(re, a) - bRe;
        im[b] = at(im, a) - bIm;
        re[a] = at(re, a) + bRe;
        im[a] = at(im, a) + bIm;
      }
    }
  }
}

/** Correlation of `pattern` with `signal` at every offset from 0 to signal.length - 1. */
export function crossCorrelation(signal: Int16Array, pattern: Int16Array): Float64Array {
  let n = 1;
  while (n < signal.length + pattern.length) n *= 2;
  // Both are real: one transform of signal + i·pattern holds the two spectra.
  const re = new Float64Array(n);
  const im = new Float64Array(n);
  re.set(signal);
  im.set(pattern);
  fft(re, im, false);
  const outRe = new Float64Array(n);
  const outIm = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const mirror = (n - k) & (n - 1);
    const signalRe = (at(re, k) + at(re, mirror)) / 2;
    const signalIm = (at(im, k) - at(im, mirror)) / 2;
    const patternRe = (at(im, k) + at(im, mirror)) / 2;
    const patternIm = (at(re, mirror) - at(re, k)) / 2;
    outRe[k] = signalRe * patternRe + signalIm * patternIm;
    outIm[k] = signalIm * patternRe - signalRe * patternIm;
  }
  fft(outRe, outIm, true);
  return outRe.subarray(0, signal.length).map((value) => value / n);
}

function at(values: Float64Array, index: number): number {
  return values[index] ?? 0;
}

function swap(values: Float64Array, i: number, j: number): void {
  const kept = at(values, i);
  values[i] = at(values, j);
  values[j] = kept;
}
