import { expect, test } from 'vitest';
import { languageReference } from './language-reference.ts';

test('docs/call-flows.md is what the definitions say (vitest -u writes it)', async () => {
  const file = new URL('../../../../docs/call-flows.md', import.meta.url).pathname;
  await expect(languageReference()).toMatchFileSnapshot(file);
});
