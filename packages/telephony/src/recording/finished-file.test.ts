import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { finishedFile } from './finished-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'finished-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

function mp3(...header: number[]): Buffer {
  const file = Buffer.alloc(17_856);
  file.set(header);
  return file;
}

function wav(bytesPerSecond: number): Buffer {
  const file = Buffer.alloc(44 + 24_000);
  file.writeUInt32LE(bytesPerSecond, 28);
  return file;
}

test.each([
  ['an MP3 of 8 kHz, one channel: 32 kbit/s', 'a.mp3', mp3(0xff, 0xe3, 0x48, 0xc4), 4464],
  ['two channels: 64 kbit/s', 'b.mp3', mp3(0xff, 0xe3, 0x88, 0x04), 2232],
  ['one of 16 kHz: 48 kbit/s', 'c.mp3', mp3(0xff, 0xf3, 0x68, 0xc4), 2976],
  ['what does not begin with a frame', 'd.mp3', mp3(0x49, 0x44, 0x33), 0],
  ['a few octets', 'e.mp3', Buffer.of(0xff, 0xe3), 0],
  ['a WAV of 16,000 octets a second', 'f.wav', wav(16_000), 1500],
  ['one whose header is all zeros', 'g.wav', wav(0), 0],
])('the length of %s', async (_, name, file, durationMs) => {
  const path = join(folder, name);
  writeFileSync(path, file);
  expect(await finishedFile(path)).toMatchObject({ bytes: file.length, durationMs });
});

test('a file that is not there, or empty, is none', async () => {
  writeFileSync(join(folder, 'empty.mp3'), '');
  expect(await finishedFile(join(folder, 'empty.mp3'))).toBeNull();
  expect(await finishedFile(join(folder, 'missing.wav'))).toBeNull();
});
