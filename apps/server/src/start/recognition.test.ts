import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadSettings } from '../config/load.ts';
import { recognition } from './recognition.ts';

test('what a killed process left of its callers is gone at the start, not only when somebody speaks again', async () => {
  const data = await mkdtemp(join(tmpdir(), 'voxology-recognition-'));
  const workDir = join(data, 'recognition');
  await mkdir(join(workDir, 'decoder-x'), { recursive: true });
  await writeFile(join(workDir, 'decoder-x', 'utterance.raw'), 'spoken');
  const request = () => Promise.reject(new Error('nobody is asked'));
  const understanding = await recognition(loadSettings({ data }, {}), { request }, workDir);
  expect(existsSync(workDir)).toBe(false);
  await understanding.close();
  await rm(data, { recursive: true });
});
