import { assertHeard, type ExpectedPrompt, findPrompt, LINE_RATE_HZ, SAME } from './audio.ts';
import { until } from './bounded.ts';
import type { RtpPeer } from './rtp-peer.ts';

const MARGIN = LINE_RATE_HZ / 10;

/** Waits until the whole sentence has been heard, of what is heard from sample `from` on (now by default); gives where it ended. */
export async function waitForPrompt(
  media: RtpPeer,
  prompt: ExpectedPrompt,
  from = media.heard().length,
  timeoutMs = 15_000,
): Promise<number> {
  const { length } = prompt.samples;
  let at = from;
  return until(
    `"${prompt.text}" is heard`,
    () => {
      const heard = media.heard();
      if (heard.length < at + length) return undefined;
      const { offset, correlation } = findPrompt(heard, prompt.samples, at);
      if (correlation >= SAME) return offset + length;
      // Looking takes time, in which the phones of this process send nothing: no place is looked at again and again.
      at = Math.max(at, heard.length - length - MARGIN);
      return undefined;
    },
    timeoutMs,
    200,
  ).catch((error: unknown) => {
    // Tells what was heard in its place.
    assertHeard(media.heard().subarray(from), [prompt], { allowOther: true });
    throw error;
  });
}
