import { execFile } from 'node:child_process';
import { LINE_RATE_HZ } from './audio.ts';
import { needProgram } from './child.ts';
import { ffmpeg } from './ffmpeg.ts';

/** The only rate that multimon-ng reads. */
const DECODER_RATE_HZ = 22_050;

/** The telephone keys that an independent decoder hears in 8 kHz samples, in order. */
export async function keysHeard(samples: Int16Array): Promise<string> {
  needProgram('multimon-ng');
  const raw = ['-f', 's16le', '-ac', '1', '-ar'];
  const input = await ffmpeg([...raw, String(LINE_RATE_HZ)], samples, [...raw, String(DECODER_RATE_HZ), 'pipe:1']);
  const printed = await new Promise<string>((resolve, reject) => {
    const child = execFile(
      'multimon-ng',
      ['-q', '-a', 'DTMF', '-t', 'raw', '-'],
      { timeout: 30_000 },
      (error, stdout) => {
        if (error) reject(error);
        else resolve(stdout);
      },
    );
    child.stdin?.end(input);
  });
  return [...printed.matchAll(/DTMF: (.)/g)].map(([, key]) => key).join('');
}
