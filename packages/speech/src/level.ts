const FULL_SCALE = 32_768;
/** Level of the active speech, RMS against full scale: what telephone networks expect of a talker, with room for peaks. */
const TARGET_RMS = FULL_SCALE * 10 ** (-20 / 20);
const HIGHEST_PEAK = FULL_SCALE * 10 ** (-1.2 / 20);
const FRAME_MS = 20;
/** Frames this far below the loudest are pauses, not speech. */
const ACTIVE_SHARE = 10 ** (-30 / 10);

/** Brings the active speech of `samples` to -20 dBFS RMS, or as near as peaks below -1 dBFS allow; works in place. */
export function normaliseLevel(samples: Int16Array, sampleRateHz: number): void {
  const gain = levelGain(samples, sampleRateHz);
  for (let i = 0; i < samples.length; i++) samples[i] = Math.round((samples[i] as number) * gain);
}

/** The factor that does it; 1 for silence. */
export function levelGain(samples: Int16Array, sampleRateHz: number): number {
  const rms = activeRms(samples, sampleRateHz);
  return rms === 0 ? 1 : Math.min(TARGET_RMS / rms, loudestGain(samples));
}

/** The factor that brings the peaks as high as they may be; without end for silence. */
export function loudestGain(samples: Int16Array): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return HIGHEST_PEAK / peak;
}

/** RMS over the frames that hold speech, in 16-bit units; 0 for silence. */
export function activeRms(samples: Int16Array, sampleRateHz: number): number {
  const frame = Math.round((sampleRateHz * FRAME_MS) / 1000);
  const powers: number[] = [];
  for (let start = 0; start < samples.length; start += frame) {
    const end = Math.min(start + frame, samples.length);
    let energy = 0;
    for (let i = start; i < end; i++) energy += (samples[i] as number) ** 2;
    powers.push(energy / (end - start));
  }
  const floor = powers.reduce((loudest, power) => Math.max(loudest, power), 0) * ACTIVE_SHARE;
  const active = powers.filter((power) => power > floor);
  return active.length === 0 ? 0 : Math.sqrt(active.reduce((sum, power) => sum + power, 0) / active.length);
}
