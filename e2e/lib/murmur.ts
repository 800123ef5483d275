import { type ExpectedPrompt, LINE_RATE_HZ } from './audio.ts';

/** A sound that resembles nothing else: a voice-like buzz whose pitch and loudness wander with `seed`. */
export function murmur(seed: number, durationMs: number): ExpectedPrompt {
  const samples = new Int16Array((durationMs * LINE_RATE_HZ) / 1000);
  let noise = seed;
  let phase = 0;
  let pitch = 0;
  let level = 0;
  for (let i = 0; i < samples.length; i++) {
    if (i % 400 === 0) {
      noise = (Math.imul(noise, 1_103_515_245) + 12_345) >>> 0;
      pitch = 90 + ((noise >>> 16) % 900);
      level = 2_000 + ((noise >>> 8) % 6_000);
    }
    phase += (2 * Math.PI * pitch) / LINE_RATE_HZ;
    samples[i] = Math.round(level * (Math.sin(phase) + 0.3 * Math.sin(3 * phase)));
  }
  return { text: `murmur ${seed}`, samples };
}
