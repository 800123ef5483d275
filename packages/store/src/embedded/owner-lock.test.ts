import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { takeOwnerLock } from './owner-lock.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voxology-lock-'));
  file = join(folder, 'lock');
});
afterEach(() => rm(folder, { recursive: true }));

it('is taken once, by whoever comes first, and can be given back', async () => {
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => takeOwnerLock(file)));
  const taken = results.filter((result) => result.status === 'fulfilled');
  expect(taken).toHaveLength(1);
  await taken[0]?.value.release();
  expect(await readdir(folder)).toEqual([]);
  await (await takeOwnerLock(file)).release();
});

it('takes over from a process that is gone, although its pid is in use again', async () => {
  await writeFile(file, `${process.pid} 1\n`);
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => takeOwnerLock(file)));
  expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  expect(await readdir(folder)).toEqual(['lock']);
});

it('takes over an empty or damaged file', async () => {
  await writeFile(file, '');
  await (await takeOwnerLock(file)).release();
});
