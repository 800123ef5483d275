import { expect, test } from 'vitest';
import { SequenceWindow } from './sequence-window.ts';

function verdicts(...sequences: number[]): string[] {
  const window = new SequenceWindow();
  return sequences.map((sequence) => window.accept(sequence));
}

test('numbers go on over their wrap', () => {
  expect(verdicts(65_534, 65_535, 0, 1)).toEqual(['restart', 'next', 'next', 'next']);
});

test('late packets are taken once, duplicates never, also over the wrap', () => {
  expect(verdicts(65_534, 0, 65_535, 65_535, 0, 1)).toEqual([
    'restart',
    'next',
    'late',
    'duplicate',
    'duplicate',
    'next',
  ]);
});

test('a packet from before the first one is late', () => {
  expect(verdicts(0, 65_535, 65_535)).toEqual(['restart', 'late', 'duplicate']);
});

test('a jump counts only when the next packet confirms it', () => {
  expect(verdicts(10, 30_000, 11, 30_001, 40_000, 40_001, 40_002)).toEqual([
    'restart',
    'suspect',
    'next',
    'suspect',
    'suspect',
    'restart',
    'next',
  ]);
});

test('a packet older than the window is not taken by itself', () => {
  expect(verdicts(200, 100)).toEqual(['restart', 'suspect']);
});

test('what is missing is lost until it comes late', () => {
  const window = new SequenceWindow();
  for (const sequence of [65_530, 65_535, 2]) window.accept(sequence);
  expect(window.lost).toBe(6);
  window.accept(65_533);
  expect(window.lost).toBe(5);
  window.reset();
  expect(window.lost).toBe(0);
});
