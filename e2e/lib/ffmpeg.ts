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

/** The channels of an audio file as 8 kHz samples. */
export async function ffmpegDecode(path: string): Promise<Int16Array[]> {
  needProgram('ffmpeg');
  const probe = await run('ffprobe', ['-v', 'error', '-show_entries', 'stream=channels', '-of', 'csv=p=0', path]);
  const channels = Number(probe.toString());
  const pcm = await run('ffmpeg', ['-v', 'error', '-i', path, '-f', 's16le', '-ar', '8000', 'pipe:1']);
  return Array.from({ length: channels }, (_, channel) =>
    Int16Array.from({ length: Math.floor(pcm.length / 2 / channels) }, (_, i) =>
      pcm.readInt16LE((i * channels + channel) * 2),
    ),
  );
}

function run(program: string, args: string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { encoding: 'buffer', maxBuffer: 64 << 20, timeout: 30_000 }, (error, stdout) => {
      if (error) reject(error);
      else resolve(stdout);
    });
  });
}
