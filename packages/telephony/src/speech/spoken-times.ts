/** Voice that was there before a detector told of it. */
const ONSET_MS = 200;
/** Silence that an utterance has at its two ends. */
const PADDING_MS = 600;

/** When something was said, of when its beginning was noticed and how much sound there is of it. */
export function spokenTimes(noticedMs: number, soundMs: number): { startMs: number; endMs: number } {
  const startMs = Math.round(Math.max(0, noticedMs - ONSET_MS));
  return { startMs, endMs: startMs + Math.round(Math.max(0, soundMs - PADDING_MS)) };
}
