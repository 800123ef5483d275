import { type ExpectedPrompt, LINE_RATE_HZ } from './audio.ts';
import type { RtpPeer } from './rtp-peer.ts';

/** Shortcuts for the actions that tests answer with. */
export const say = (text: string) => ({ type: 'SAY', params: { text } });
/** `${name}`: where a variable is filled in. */
export const fill = (name: string) => `\${${name}}`;
export const hangUp = { type: 'HANGUP' };
export const collect = (name: string, params: Record<string, unknown>, ...prompt: unknown[]) => ({
  type: 'COLLECT',
  name,
  params,
  ...(prompt.length === 0 ? {} : { actions: prompt }),
});
export const actions = (...list: unknown[]) => ({ json: { actions: list } });

/** Waits until the prompt that begins next is over, and a little more; gives where it began. */
export async function afterPrompt(media: RtpPeer, prompt: ExpectedPrompt, from = 0): Promise<number> {
  const start = await media.waitForSpeech(15_000, from);
  await media.waitForHeard(start + prompt.samples.length + LINE_RATE_HZ / 5);
  return start;
}
