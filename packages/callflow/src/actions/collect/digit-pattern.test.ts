import { expect, test } from 'vitest';
import { looksLike, placesOf } from './digit-pattern.ts';

test.each([
  ['1', ['1'], true],
  ['12', ['1', '2'], false],
  ['2', ['[1-3]'], true],
  ['9', ['[1-39]'], true],
  ['4', ['[1-39]'], false],
  ['955', ['9xx'], true],
  ['95', ['9XX'], false],
  ['*1#', ['*x#'], true],
  ['', ['x'], false],
  ['a', ['A'], false],
])('%j against %j is %j', (digits, patterns, expected) => {
  expect(looksLike(digits, patterns)).toBe(expected);
});

test.each(['', '[', '[]', '[3-1]', '[-1]', '[1-]', '[1-*]', '1+', '\\d', 'x'.repeat(201)])(
  '%j is no pattern',
  (pattern) => {
    expect(placesOf(pattern)).toBeNull();
  },
);
