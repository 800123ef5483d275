import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DiskCache } from './disk-cache.ts';
import { toSpoken } from './spoken.ts';

let folder = '';
let warnings: string[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voxology-speech-'));
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (limitBytes = 1 << 20, place = folder) =>
  new DiskCache({ folder: place, limitBytes, onWarning: (warning) => warnings.push(warning.message) });

const spoken = (id: string) =>
  toSpoken(
    id,
    Int16Array.from({ length: 100 }, (_, i) => i * 7),
    16_000,
  );

test('another cache on the same folder finds what was stored', async () => {
  const first = open(1 << 20, join(folder, 'new', 'deep'));
  expect(await first.get('abc')).toBeNull();
  first.set(spoken('abc'));
  await first.flush();
  const found = await open(1 << 20, join(folder, 'new', 'deep')).get('abc');
  expect(found).toEqual(spoken('abc'));
  expect(found?.samples.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(warnings).toEqual([]);
});

test('a damaged file is told of and not used; leftovers of a crash are removed', async () => {
  const cache = open();
  cache.set(spoken('abc'));
  await cache.flush();
  await writeFile(join(folder, 'abc.wav'), 'cut');
  await writeFile(join(folder, 'abc.wav.1-1.part'), 'half');
  const next = open();
  expect(await next.get('abc')).toBeNull();
  expect(warnings).toEqual([expect.stringContaining('damaged')]);
  expect(await readdir(folder)).toEqual(['abc.wav']);
  next.set(spoken('abc'));
  await next.flush();
  expect(await next.get('abc')).toEqual(spoken('abc'));
});

test('the oldest files go when the folder is full', async () => {
  const cache = open(3 * 244);
  for (const [age, id] of ['a1', 'a2', 'a3'].entries()) {
    cache.set(spoken(id));
    await cache.flush();
    await utimes(join(folder, `${id}.wav`), 1000 + age, 1000 + age);
  }
  cache.set(spoken('a4'));
  await cache.flush();
  expect((await readdir(folder)).sort()).toEqual(['a3.wav', 'a4.wav']);
});

test('a folder that cannot be used costs no more than warnings', async () => {
  await writeFile(join(folder, 'file'), '');
  const cache = open(1 << 20, join(folder, 'file', 'below'));
  expect(await cache.get('abc')).toBeNull();
  cache.set(spoken('abc'));
  await cache.flush();
  expect(warnings.length).toBeGreaterThanOrEqual(2);
});
