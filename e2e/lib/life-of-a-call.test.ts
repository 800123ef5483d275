import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lifeOfACall, MOMENTS } from './life-of-a-call.ts';
import { loadTests, selectTests } from './suite.ts';

test('docs/life-of-a-call.md is what the table says (vitest -u writes it)', async () => {
  await expect(lifeOfACall()).toMatchFileSnapshot(new URL('../../docs/life-of-a-call.md', import.meta.url).pathname);
});

test('the tests that show a moment exist', { timeout: 30_000 }, async () => {
  const folder = new URL('../tests/', import.meta.url);
  for (const file of readdirSync(folder)) await loadTests(file.replace(/\.ts$/, ''), new URL(file, folder).href);
  const names = new Set(selectTests([]).map(({ name }) => name));
  expect(MOMENTS.flatMap(({ shownBy }) => shownBy).filter((name) => !names.has(name))).toEqual([]);
});
