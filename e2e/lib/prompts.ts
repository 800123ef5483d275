import { Speech } from '@voxology/speech';
import { type ExpectedPrompt, LINE_RATE_HZ } from './audio.ts';
import { ffmpeg } from './ffmpeg.ts';

let speech: Speech | undefined;
const cache = new Map<string, Promise<ExpectedPrompt>>();

/** What the default voice, or the one named, says for `text`, at the telephone's rate. */
export function prompt(text: string, voice: string | null = null): Promise<ExpectedPrompt> {
  const key = `${voice} ${text}`;
  let made = cache.get(key);
  if (made === undefined) {
    made = synthesize(text, voice);
    cache.set(key, made);
  }
  return made;
}

/** What a voice of 16 kHz says, as it is. */
export async function wideSpeech(text: string, voice: string): Promise<Int16Array> {
  const { samples, sampleRateHz } = await speaker().say({ text, voice });
  if (sampleRateHz !== 16_000) throw new Error(`the voice ${voice} speaks at ${sampleRateHz} Hz, not at 16000`);
  return samples;
}

/** Several sentences in order. */
export function prompts(...texts: string[]): Promise<ExpectedPrompt[]> {
  return Promise.all(texts.map((text) => prompt(text)));
}

function speaker(): Speech {
  speech ??= new Speech();
  return speech;
}

async function synthesize(text: string, voice: string | null): Promise<ExpectedPrompt> {
  const { samples, sampleRateHz } = await speaker().say({ text, voice });
  return { text, samples: await resampled(samples, sampleRateHz) };
}

/** By ffmpeg, so that the product's own resampler is checked too. */
async function resampled(samples: Int16Array, sampleRateHz: number): Promise<Int16Array> {
  if (sampleRateHz === LINE_RATE_HZ) return samples;
  const raw = ['-f', 's16le', '-ac', '1', '-ar'];
  const bytes = await ffmpeg([...raw, String(sampleRateHz)], samples, [...raw, String(LINE_RATE_HZ), 'pipe:1']);
  return new Int16Array(new Uint8Array(bytes).buffer);
}
