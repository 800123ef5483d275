import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeDataDirectory } from './data-directory.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'voxology-data-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

test('is made for its owner alone, its parents as usual', async () => {
  const dataDir = join(root, 'a', 'b', 'data');
  await makeDataDirectory(dataDir);
  expect([await modeOf(dataDir), await modeOf(join(root, 'a'))]).toEqual(['700', '755']);
  await makeDataDirectory(dataDir);
});

test('a place where nothing can be made is named', async () => {
  await writeFile(join(root, 'file'), '');
  await expect(makeDataDirectory(join(root, 'file', 'data'))).rejects.toThrow(/file\/data cannot be made \(ENOTDIR\)/);
});

test.runIf(process.platform === 'linux')('a file system that says ENOENT to everything is given up', async () => {
  await expect(makeDataDirectory('/proc/voxology/data')).rejects.toThrow('/proc/voxology cannot be made (ENOENT)');
});
