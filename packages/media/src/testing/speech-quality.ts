/**
 * Measures how near a sound is to what it should be. Both are mono at the same rate; only frames in which the reference
 * speaks count.
 */

const FRAME_MS = 20;
const SPEAKING_ABOVE_RMS = 200;
const BANDS = 24;
const LOWEST_BAND_HZ = 150;

/** Mean over the frames of the signal-to-noise ratio, each between -10 and 35 dB. */
export function segmentalSnrDb(reference: Int16Array, sound: Int16Array, sampleRateHz: number): number {
  const frame = (FRAME_MS * sampleRateHz) / 1000;
  let sum = 0;
  let frames = 0;
  for (let at = 0; at + frame <= Math.min(reference.length, sound.length); at += frame) {
    let signal = 0;
    let noise = 0;
    for (let i = at; i < at + frame; i++) {
      const wanted = reference[i] as number;
      signal += wanted ** 2;
      noise += ((sound[i] as number) - wanted) ** 2;
    }
    if (Math.sqrt(signal / frame) < SPEAKING_ABOVE_RMS) continue;
    sum += Math.max(-10, Math.min(35, 10 * Math.log10(signal / Math.max(1, noise))));
    frames++;
  }
  return sum / frames;
}

/** Mean over the frames of the root-mean-square difference of the levels in bands up to `highestHz`, in dB. */
export function spectralDistanceDb(
  reference: Int16Array,
  sound: Int16Array,
  sampleRateHz: number,
  highestHz: number,
): number {
  const frame = (FRAME_MS * sampleRateHz) / 1000;
  let sum = 0;
  let frames = 0;
  for (let at = 0; at + frame <= Math.min(reference.length, sound.length); at += frame) {
    const wanted = reference.subarray(at, at + frame);
    if (Math.sqrt(wanted.reduce((energy, sample) => energy + sample * sample, 0) / frame) < SPEAKING_ABOVE_RMS)
      continue;
    const a = bandLevels(wanted, sampleRateHz, highestHz);
    const b = bandLevels(sound.subarray(at, at + frame), sampleRateHz, highestHz);
    sum += Math.sqrt(a.reduce((total, level, band) => total + (level - (b[band] as number)) ** 2, 0) / BANDS);
    frames++;
  }
  return sum / frames;
}

/** The lag, up to `mostSamples`, by which `sound` follows `reference`. */
export function delayOf(reference: Int16Array, sound: Int16Array, mostSamples: number): number {
  let best = 0;
  let bestProduct = Number.NEGATIVE_INFINITY;
  for (let lag = 0; lag <= mostSamples; lag++) {
    let product = 0;
    for (let i = 0; i + lag < sound.length && i < reference.length; i++) {
      product += (reference[i] as number) * (sound[i + lag] as number);
    }
    if (product <= bestProduct) continue;
    bestProduct = product;
    best = lag;
  }
  return best;
}

/** Levels above the noise floor of what people notice. */
function bandLevels(frame: Int16Array, sampleRateHz: number, highestHz: number): number[] {
  const windowed = Float64Array.from(
    frame,
    (sample, i) => sample * (0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / frame.length)),
  );
  return Array.from({ length: BANDS }, (_, band) => {
    const hz = LOWEST_BAND_HZ * (highestHz / LOWEST_BAND_HZ) ** (band / (BANDS - 1));
    const omega = (2 * Math.PI * hz) / sampleRateHz;
    let re = 0;
    let im = 0;
    for (let i = 0; i < windowed.length; i++) {
      re += (windowed[i] as number) * Math.cos(omega * i);
      im += (windowed[i] as number) * Math.sin(omega * i);
    }
    return 10 * Math.log10((re * re + im * im) / windowed.length ** 2 + 4);
  });
}
