import { execFile } from 'node:child_process';
import { Speech } from '@voxology/speech';
import { type ExpectedPrompt, LINE_RATE_HZ } from './audio.ts';
import { needProgram } from './child.ts';

let speech: Speech | undefined;
const cache = new Map<string, Promise<ExpectedPrompt>>();

/** What the default voice says for `text`, at the telephone's rate. */
export function prompt(text: string): Promise<ExpectedPrompt> {
  let made = cache.get(text);
  if (made === undefined) {
    made = synthesize(text);
    cache.set(text, made);
  }
  return made;
}

/** Several sentences in order. */
export function prompts(...texts: string[]): Promise<ExpectedPrompt[]> {
  return Promise.all(texts.map(prompt));
}

async function synthesize(text: string): Promise<ExpectedPrompt> {
  speech ??= new Speech();
  const { samples, sampleRateHz } = await speech.say({ text });
  return { text, samples: await resampled(samples, sampleRateHz) };
}

/** By ffmpeg, so that the product's own resampler is checked too. */
function resampled(samples: Int16Array, sampleRateHz: number): Promise<Int16Array> {
  if (sampleRateHz === LINE_RATE_HZ) return Promise.resolve(samples);
  needProgram('ffmpeg');
  const raw = ['-f', 's16le', '-ac', '1'];
  return new Promise((resolve, reject) => {
    const child = execFile(
      'ffmpeg',
      [
        '-v',
        'error',
        ...raw,
        '-ar',
        String(sampleRateHz),
        '-i',
        'pipe:0',
        ...raw,
        '-ar',
        String(LINE_RATE_HZ),
        'pipe:1',
      ],
      { encoding: 'buffer', maxBuffer: 64 << 20 },
      (error, stdout) => {
        if (error) reject(error);
        else resolve(new Int16Array(new Uint8Array(stdout).buffer));
      },
    );
    child.stdin?.end(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
  });
}
