import { expect, test } from 'vitest';
import { Dictionary } from './dictionary.ts';

test('knows whole words only', async () => {
  const lines = "'bout B AW T\na(2) EY\nyes Y EH S\nyesterday Y EH S T ER D EY\nzulu Z UW L UW";
  const dictionary = await Dictionary.read(Buffer.from(lines));
  for (const word of ["'bout", 'yes', 'yesterday', 'zulu']) expect(dictionary.has(word)).toBe(true);
  for (const word of ['yest', 'es', 'a', 'a(2)', 'Y', 'yes Y EH', '', '\n']) expect(dictionary.has(word)).toBe(false);
});

test('a long one is read piece by piece, no word is lost between them, and other work goes on', async () => {
  const words = Array.from({ length: 40_000 }, (_, index) =>
    [...index.toString(26)].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 26))).join(''),
  );
  let turns = 0;
  const other = setInterval(() => turns++, 0);
  const dictionary = await Dictionary.read(Buffer.from(words.map((word) => `${word} AA B\n`).join('')));
  clearInterval(other);
  expect(words.filter((word) => !dictionary.has(word))).toEqual([]);
  expect(turns).toBeGreaterThan(0);
});
