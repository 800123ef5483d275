import { expect, test } from 'vitest';
import { plainText } from './plain-text.ts';

test('case, punctuation and runs of spaces are gone, words of any script stay', () => {
  expect(plainText('  Yes, please! ')).toBe('yes please');
  expect(plainText('Don’t follow-up…')).toBe("don't follow up");
  expect(plainText('Größe 12.5 / हिन्दी')).toBe('größe 12 5 हिन्दी');
  expect(plainText('?!')).toBe('');
});
