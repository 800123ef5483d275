import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configurationReference } from './reference.ts';

test('docs/configuration.md is what the schema says (vitest -u writes it)', async () => {
  const file = join(import.meta.dirname, '../../../../docs/configuration.md');
  await expect(configurationReference()).toMatchFileSnapshot(file);
});
