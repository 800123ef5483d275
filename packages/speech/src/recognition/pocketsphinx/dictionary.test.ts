import { expect, test } from 'vitest';
import { Dictionary } from './dictionary.ts';

test('knows whole words only', () => {
  const dictionary = new Dictionary(Buffer.from("'bout B AW T\na(2) EY\nyes Y EH S\nyesterday Y EH S T ER D EY\n"));
  expect(dictionary.has("'bout")).toBe(true);
  expect(dictionary.has('yes')).toBe(true);
  expect(dictionary.has('yes')).toBe(true);
  for (const word of ['yest', 'es', 'a(2)', 'Y', 'yes Y EH', '', '\n']) expect(dictionary.has(word)).toBe(false);
});
