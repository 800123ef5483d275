import { readFileSync } from 'node:fs';
import { LINE_RATE_HZ } from './audio.ts';
import type { TestContext } from './context.ts';
import { ffmpeg } from './ffmpeg.ts';

interface AudioKind {
  contentType: string;
  options: string[];
  /** Written to a pipe: the lengths in its header are unknown. */
  streamed?: boolean;
}

/** Kinds of audio files that PLAY takes, as users have them. */
export const AUDIO_KINDS = {
  'WAV, 8 kHz mono': { contentType: 'audio/wav', options: ['-f', 'wav', '-ar', '8000', '-c:a', 'pcm_s16le'] },
  'WAV, 44.1 kHz stereo': {
    contentType: 'audio/x-wav',
    options: ['-f', 'wav', '-ar', '44100', '-ac', '2', '-c:a', 'pcm_s16le'],
  },
  'WAV, µ-law': { contentType: 'audio/wav', options: ['-f', 'wav', '-ar', '8000', '-c:a', 'pcm_mulaw'] },
  'WAV of unknown length': {
    contentType: 'binary/octet-stream',
    options: ['-f', 'wav', '-ar', '16000', '-c:a', 'pcm_s16le'],
    streamed: true,
  },
  MP3: { contentType: 'audio/mpeg', options: ['-f', 'mp3', '-ar', '44100', '-c:a', 'libmp3lame', '-b:a', '128k'] },
} satisfies Record<string, AudioKind>;

/** A file of this kind with 8 kHz samples in it. */
export async function audioFile(
  t: TestContext,
  kind: keyof typeof AUDIO_KINDS,
  samples: Int16Array,
): Promise<{ file: Buffer; contentType: string }> {
  const { contentType, options, streamed = false }: AudioKind = AUDIO_KINDS[kind];
  const input = ['-f', 's16le', '-ar', String(LINE_RATE_HZ), '-ac', '1'];
  if (streamed) return { file: await ffmpeg(input, samples, [...options, 'pipe:1']), contentType };
  const path = t.file(`audio-${++files}`);
  await ffmpeg(input, samples, [...options, path]);
  return { file: readFileSync(path), contentType };
}
let files = 0;
