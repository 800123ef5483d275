import { type ExpectedPrompt, findPrompt } from './audio.ts';
import { until } from './bounded.ts';
import type { RtpPeer } from './rtp-peer.ts';

/** Correlation from which it is the same sentence. */
const SAME = 0.9;

/** Waits until the whole sentence has been heard, of what is heard from sample `from` on (now by default); gives where it ended. */
export async function waitForPrompt(
  media: RtpPeer,
  prompt: ExpectedPrompt,
  from = media.heard().length,
  timeoutMs = 15_000,
): Promise<number> {
  return until(
    `"${prompt.text}" is heard`,
    () => {
      const { offset, correlation } = findPrompt(media.heard(), prompt.samples, from);
      return correlation >= SAME ? offset + prompt.samples.length : undefined;
    },
    timeoutMs,
    200,
  );
}
