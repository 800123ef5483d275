import { audibleSpan } from './audible-span.ts';

/** Sound kept before and after what is audible of a part, so that soft beginnings and ends stay whole. */
const MARGIN_MS = 40;
/** Between two parts without a pause: a change of manner within a sentence. */
const JOINT_MS = 60;

/** Samples and how loud they are, or silence. */
export type SoundOrPause = { samples: Int16Array; gain: number } | { pauseMs: number };

/**
 * Joins spoken parts and pauses. A pause is as long as written between what is heard before and after it: the silence that
 * an engine puts around its sound counts as part of it.
 */
export function joinParts(parts: readonly SoundOrPause[], sampleRateHz: number): Int16Array {
  const inSamples = (ms: number) => Math.round((ms * sampleRateHz) / 1000);
  const margin = inSamples(MARGIN_MS);
  const placed: { samples: Int16Array; gain: number; at: number }[] = [];
  let heardUntil = 0;
  let gap: number | null = 0;
  let length = 0;
  for (const part of parts) {
    if ('pauseMs' in part) {
      gap = (gap ?? 0) + inSamples(part.pauseMs);
      length = Math.max(length, heardUntil + gap);
      continue;
    }
    const { start, end } = audibleSpan(part.samples);
    const before = Math.min(margin, start);
    const heardFrom = Math.max(heardUntil + (gap ?? inSamples(JOINT_MS)), placed.length === 0 ? before : 0);
    const samples = part.samples.subarray(start - before, end + margin);
    placed.push({ samples, gain: part.gain, at: heardFrom - before });
    length = Math.max(length, heardFrom - before + samples.length);
    heardUntil = heardFrom + end - start;
    gap = null;
  }
  const joined = new Int16Array(length);
  for (const { samples, gain, at } of placed) mix(joined, at, samples, gain);
  return joined;
}

/** Adds, because the quiet edges of two parts may meet. */
function mix(joined: Int16Array, at: number, samples: Int16Array, gain: number): void {
  for (let i = 0; i < samples.length; i++) {
    const sum = (joined[at + i] as number) + Math.round((samples[i] as number) * gain);
    joined[at + i] = Math.max(-32_768, Math.min(32_767, sum));
  }
}
