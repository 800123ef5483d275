import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSecretBox } from './secret-box.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voxology-secret-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('makes a key file for its owner only, once, and opens what it closed', async () => {
  const file = join(folder, 'secret.key');
  const boxes = await Promise.all([openSecretBox(file), openSecretBox(file)]);
  const facts = await stat(file);
  expect([facts.mode & 0o777, facts.size]).toEqual([0o600, 32]);
  const sealed = boxes[0].encrypt('grüße', 'place');
  expect(sealed).not.toBe(boxes[0].encrypt('grüße', 'place'));
  expect(boxes[1].decrypt(sealed, 'place')).toBe('grüße');
});

it('opens nothing with another key or context, or after a change', async () => {
  const box = await openSecretBox(join(folder, 'a'));
  const other = await openSecretBox(join(folder, 'b'));
  const sealed = box.encrypt('text', 'place');
  const altered = sealed.slice(0, -2) + (sealed.endsWith('AA') ? 'BB' : 'AA');
  expect(() => other.decrypt(sealed, 'place')).toThrow('"place" cannot be read');
  expect(() => box.decrypt(sealed, 'elsewhere')).toThrow('"elsewhere" cannot be read');
  expect(() => box.decrypt(altered, 'place')).toThrow('cannot be read');
  expect(() => box.decrypt('', 'place')).toThrow('does not start with v1.');
  expect(() => box.decrypt('v1.AAAA', 'place')).toThrow('cannot be read');
});

it('refuses a file that is no key, and leaves it as it is', async () => {
  const file = join(folder, 'secret.key');
  await writeFile(file, 'short');
  await expect(openSecretBox(file)).rejects.toThrow('has 5 bytes; it must have 32');
  expect(await readFile(file, 'utf8')).toBe('short');
});
