import { expect, test } from 'vitest';
import { readChoice, readDictation } from './backtrace.ts';

const lines = (...rows: string[]) => [
  'INFO: pocketsphinx.c(1168): something (-2659)',
  'word                 start end   pprob ascr       lscr       lback',
  ...rows,
  'INFO: batch.c(760): utterance: 1.52 seconds speech, 0.02 seconds CPU, 0.02 seconds wall',
];

test('one of several phrases, with how well it goes with the sound', () => {
  const read = readChoice(
    lines(
      '<sil>                0     12    1.000 -250       -337       1  ',
      'yes(2)               13    43    1.000 -900       -184       1  ',
      '(NULL)               43    43    1.000 0          0          1  ',
      'please               44    82    1.000 -724       0          1  ',
      '<sil>                83    127   1.000 -239       -337       1  ',
    ),
  );
  expect(read).toEqual({ text: 'yes please', confidence: 1 });
});

test('what only fits because most of it is taken for noise was something else', () => {
  const read = readChoice(
    lines('one(2) 40 73 1.000 -2500 0 1', '[NOISE] 74 200 1.000 -15000 -337 1', '<sil> 0 39 1.000 -900 -337 1'),
  );
  expect(read).toEqual({ text: '', confidence: 0 });
});

test('free speech has the confidence of its words', () => {
  const read = readDictation(
    lines(
      '<s>                  0     13    1.000 -742400    0          1  ',
      'check                14    39    0.423 -1294336   -523       2  ',
      "it's                 40    65    1.000 -889856    -246       3  ",
      '</s>                 118   149   1.000 -2451456   -130       2  ',
    ),
  );
  expect(read).toEqual({ text: "check it's", confidence: 0.71 });
});

test('nothing understood is an empty text', () => {
  expect(readChoice(lines())).toEqual({ text: '', confidence: 0 });
  expect(readDictation(lines('<s> 0 13 1.000 -742400 0 1', '++NOISE++ 14 20 1.0 -5 0 1'))).toEqual({
    text: '',
    confidence: 0,
  });
});
