import { beforeAll, expect, test } from 'vitest';
import type { CodecName } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import { noise } from '../testing/noise.ts';
import { speak } from '../testing/speech.ts';
import { SideLevels } from './side-levels.ts';

let speech: Int16Array;

beforeAll(async () => {
  speech = await speak('slt', 'The number you have dialled is not in service at the moment.', 16_000);
});

/** Levels of so much sound in packets of 20 ms; `sound` is at 16 kHz. */
function levelsOf(codec: CodecName, durationMs: number, sound: (at: number) => number): SideLevels {
  const { sampleRateHz, createEncoder } = AUDIO_CODECS[codec];
  const encoder = createEncoder();
  const levels = new SideLevels();
  const n = sampleRateHz / 50;
  const bytes = new Uint8Array(1500);
  for (let packet = 0; packet < durationMs / 20; packet++) {
    const samples = Int16Array.from({ length: n }, (_, i) => sound(((packet * n + i) * 16_000) / sampleRateHz));
    levels.add(codec, bytes, 12, encoder.encode(samples, 0, n, bytes, 12), packet * 20);
  }
  return levels;
}

const CODECS = ['PCMU', 'PCMA', 'G722', 'opus'] as const;

test.each(CODECS)('%s: half a call of speech, half of a quiet room is half silent', (codec) => {
  const random = noise(3);
  const room = () => 20 * random();
  const spoken = (at: number) => speech[at % speech.length] as number;
  const levels = levelsOf(codec, 60_000, (at) => (Math.floor(at / 160_000) % 2 === 0 ? spoken(at) : room()));
  expect(levels.silenceRatio).toBeGreaterThan(0.45);
  // People pause, too.
  expect(levels.silenceRatio).toBeLessThan(0.75);
  expect(levels.clippingRatio).toBeLessThan(0.02);
});

test.each(CODECS)('%s: dead silence is told from a quiet room, and sound ends it', (codec) => {
  const random = noise(5);
  expect(levelsOf(codec, 10_000, () => 0).deadSinceMs).toBeLessThan(1500);
  expect(levelsOf(codec, 10_000, () => 100 * random()).deadSinceMs).toBeNull();
  const ended = levelsOf(codec, 10_000, (at) => (at < 128_000 ? 0 : 3000 * Math.sin(at / 5)));
  expect(ended.deadSinceMs).toBeNull();
  expect(ended.lastSoundMs).toBeGreaterThan(8900);
});

test.each(CODECS)('%s: what is cut off at full scale is clipped', (codec) => {
  const levels = levelsOf(codec, 20_000, (at) => Math.max(-32_768, Math.min(32_767, 90_000 * Math.sin(at / 12))));
  // Opus rounds the corners off.
  expect(levels.clippingRatio).toBeGreaterThan(codec === 'opus' ? 0.3 : 0.9);
});
