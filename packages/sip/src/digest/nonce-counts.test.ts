import { expect, it } from 'vitest';
import { NonceCounts } from './nonce-counts.ts';

it('takes every count once, in any order within the window', () => {
  const counts = new NonceCounts(10);
  expect(counts.use('n', 1, 1)).toBe(true);
  expect(counts.use('n', 1, 1)).toBe(false);
  expect(counts.use('n', 1, 4)).toBe(true);
  expect(counts.use('n', 1, 3)).toBe(true);
  expect(counts.use('n', 1, 3)).toBe(false);
  expect(counts.use('n', 1, 1)).toBe(false);
  expect(counts.use('n', 1, 35)).toBe(true);
  expect(counts.use('n', 1, 4)).toBe(false);
  expect(counts.use('n', 1, 3)).toBe(false);
  expect(counts.use('n', 1, 5)).toBe(true);
  expect(counts.use('n', 1, 0xffff_ffff)).toBe(true);
  expect(counts.use('n', 1, 35)).toBe(false);
});

it('treats what it had to forget as used', () => {
  const counts = new NonceCounts(2);
  expect(counts.use('a', 10, 1)).toBe(true);
  expect(counts.use('b', 20, 1)).toBe(true);
  expect(counts.use('c', 30, 1)).toBe(true);
  expect(counts.size).toBe(2);
  expect(counts.use('a', 10, 1)).toBe(false);
  expect(counts.use('older', 5, 1)).toBe(false);
  expect(counts.use('b', 20, 2)).toBe(true);
  counts.forgetMadeBefore(30);
  expect(counts.size).toBe(0);
});
