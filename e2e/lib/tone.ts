/** A sine. */
export function sine(frequencyHz: number, seconds: number, rateHz: number, peak = 10_000): Int16Array {
  const samples = new Int16Array(new SharedArrayBuffer(Math.round(seconds * rateHz) * 2));
  for (let i = 0; i < samples.length; i++) samples[i] = peak * Math.sin((2 * Math.PI * frequencyHz * i) / rateHz);
  return samples;
}

/** Which part of the sound is a sine of this frequency: 0 to 1. */
export function shareOf(frequencyHz: number, samples: Int16Array, rateHz: number): number {
  let re = 0;
  let im = 0;
  let energy = 0;
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] ?? 0;
    const angle = (2 * Math.PI * frequencyHz * i) / rateHz;
    re += sample * Math.cos(angle);
    im += sample * Math.sin(angle);
    energy += sample * sample;
  }
  return energy === 0 ? 0 : (2 * (re * re + im * im)) / (samples.length * energy);
}
