import { execFile } from 'node:child_process';
import { needProgram } from './child.ts';

/** Converts samples by ffmpeg: the options before the input, the samples, the options and name of the output; gives what it printed. */
export function ffmpeg(input: string[], samples: Int16Array, output: string[]): Promise<Buffer> {
  needProgram('ffmpeg');
  return new Promise((resolve, reject) => {
    const child = execFile(
      'ffmpeg',
      ['-v', 'error', ...input, '-i', 'pipe:0', ...output],
      { encoding: 'buffer', maxBuffer: 64 << 20, timeout: 30_000 },
      (error, stdout) => {
        if (error) reject(error);
        else resolve(stdout);
      },
    );
    child.stdin?.end(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
  });
}
