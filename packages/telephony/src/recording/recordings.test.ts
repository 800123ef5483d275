import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWav } from '@voxology/media';
import { type Store, StoreError } from '@voxology/store';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Recordings } from './recordings.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'recordings-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

function recordings(store: object): Recordings {
  const limits = { dir, maxDurationMs: 60_000, maxBytes: 1_000_000 };
  return new Recordings({ recordings: store } as unknown as Pick<Store, 'recordings'>, limits, () => 0);
}

test('a file that has its own name already is the recording', async () => {
  await mkdir(join(dir, 'day'));
  const sound = writeWav(new Int16Array(4000), 8000);
  await writeFile(join(dir, 'day/whole.wav'), sound);
  await writeFile(join(dir, 'day/part.wav.part'), sound);
  const files = ['day/whole.wav', 'day/part.wav', 'day/none.wav', 'gone/none.mp3'];
  const books: unknown[] = [];
  await recordings({
    unfinished: async () => files.map((file) => ({ recordingId: file, file })),
    finish: async (id: string, ending: object) => void books.push([id, ending]),
    fail: async (id: string) => void books.push([id, 'failed']),
  }).recover();
  const ending = { bytes: 8044, durationMs: 500, sha256: createHash('sha256').update(sound).digest('hex') };
  expect(books).toEqual([
    ['day/whole.wav', ending],
    ['day/part.wav', ending],
    ['day/none.wav', 'failed'],
    ['gone/none.mp3', 'failed'],
  ]);
});

test('the end is entered again while the store has no room', async () => {
  let asked = 0;
  const finish = async () => {
    asked += 1;
    if (asked === 1) throw new StoreError('overloaded', 'no room');
  };
  const end = { recordingId: 'r', reason: 'stopped', durationMs: 1, bytes: 1, sha256: '', error: null } as const;
  expect(await recordings({ finish }).end(end)).toBe(null);
  expect(asked).toBe(2);
});
