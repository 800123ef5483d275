import { audibleSpan } from './audible-span.ts';

/** Sound kept before and after a sentence, so that soft beginnings and ends stay whole. */
const MARGIN_MS = 40;

export type SpokenSentence = { samples: Int16Array; pauseMs: number };

/** Joins spoken sentences with their pauses; the silence that an engine puts around each is cut away first. */
export function joinSentences(sentences: readonly SpokenSentence[], sampleRateHz: number): Int16Array {
  const margin = Math.round((MARGIN_MS * sampleRateHz) / 1000);
  const parts = sentences.map(({ samples, pauseMs }, i) => ({
    samples: trim(samples, margin),
    pause: i === sentences.length - 1 ? 0 : Math.round((pauseMs * sampleRateHz) / 1000),
  }));
  const joined = new Int16Array(parts.reduce((length, part) => length + part.samples.length + part.pause, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part.samples, offset);
    offset += part.samples.length + part.pause;
  }
  return joined;
}

function trim(samples: Int16Array, margin: number): Int16Array {
  const { start, end } = audibleSpan(samples);
  return samples.subarray(Math.max(0, start - margin), end + margin);
}
