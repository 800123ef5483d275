import { expect, test } from 'vitest';
import { finiteStateGrammar, knownPhrases } from './grammar.ts';

const words = new Set(['yes', 'no', 'please', 'follow', 'up', "don't"]);
const isKnown = (word: string): boolean => words.has(word);

test('hints become phrases of words that the dictionary has', () => {
  const hints = [
    'Yes',
    'yes!',
    'YES PLEASE',
    'follow-up',
    'Don’t',
    'voxology',
    'yes voxology',
    '',
    '…',
    'no;\nFSG_END',
  ];
  expect(knownPhrases(hints, isKnown)).toEqual(['yes', 'yes please', 'follow up', "don't"]);
});

test('a phrase is never long, nor are there ever many', () => {
  expect(knownPhrases(['yes '.repeat(21)], isKnown)).toEqual([]);
  const many = Array.from({ length: 600 }, (_, i) =>
    Array.from({ length: 10 }, (_, bit) => ((i >> bit) & 1 ? 'yes' : 'no')).join(' '),
  );
  expect(knownPhrases(many, isKnown)).toHaveLength(500);
});

test('a grammar takes one of the phrases', () => {
  expect(finiteStateGrammar(['no', 'yes please'])).toBe(
    [
      'FSG_BEGIN hints',
      'NUM_STATES 3',
      'START_STATE 0',
      'FINAL_STATE 1',
      'TRANSITION 0 1 0.500000 no',
      'TRANSITION 0 2 0.500000 yes',
      'TRANSITION 2 1 1.000000 please',
      'FSG_END',
      '',
    ].join('\n'),
  );
});
