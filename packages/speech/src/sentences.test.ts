import { describe, expect, test } from 'vitest';
import { splitSentences } from './sentences.ts';

const texts = (text: string) => splitSentences(text).map((sentence) => sentence.text);

describe('sentences', () => {
  test('end at stops, with a pause each', () => {
    expect(splitSentences('Hello. How are you? Fine!')).toEqual([
      { text: 'Hello.', pauseMs: 350 },
      { text: 'How are you?', pauseMs: 350 },
      { text: 'Fine!', pauseMs: 550 },
    ]);
  });

  test('do not end inside numbers and after abbreviations', () => {
    expect(texts('It costs $3.50 at example.com today.')).toHaveLength(1);
    expect(texts('Dr. Jones will see Mrs. Smith now. Please wait.')).toEqual([
      'Dr. Jones will see Mrs. Smith now.',
      'Please wait.',
    ]);
    expect(texts('This is about Dr.')).toEqual(['This is about Dr.']);
  });

  test('end at line breaks, with a longer pause', () => {
    expect(splitSentences('Sales\nSupport').map(({ pauseMs }) => pauseMs)).toEqual([550, 550]);
  });

  test('with nothing to say fall away', () => {
    expect(splitSentences('Wait. ... !\n---\nGo.').map(({ text }) => text)).toEqual(['Wait. ... !', 'Go.']);
    expect(splitSentences('')).toEqual([]);
  });

  test('too long ones are cut at commas, at spaces, or anywhere, and nothing is lost', () => {
    const clauses = `${'one two three four five six, '.repeat(20)}end.`;
    const parts = splitSentences(clauses);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts.slice(0, -1))
      expect(part).toMatchObject({ pauseMs: 120, text: expect.stringMatching(/,$/) });
    for (const text of [clauses, 'word '.repeat(300), 'x'.repeat(1000)]) {
      const found = texts(text);
      expect(found.every((part) => part.length <= 250)).toBe(true);
      expect(found.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }
  });
});
