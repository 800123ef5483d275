import { expect, test } from 'vitest';
import { percent, percentile, rounded } from './statistics.ts';

test('percentiles are values that were measured, whatever their order', () => {
  const values = [9, 1, 8, 2, 7, 3, 6, 4, 5, 10];
  expect(percentile(values, 0.5)).toBe(5);
  expect(percentile(values, 0.99)).toBe(10);
  expect(percentile(values, 0)).toBe(1);
  expect(percentile(values, 1)).toBe(10);
  expect(percentile([], 0.5)).toBeNull();
  expect(values[0]).toBe(9);
});

test('rounded numbers fit into JSON', () => {
  expect(rounded(1.23456, 2)).toBe(1.23);
  expect(rounded(Number.NaN, 2)).toBeNull();
  expect(rounded(1 / 0, 2)).toBeNull();
  expect(rounded(null, 2)).toBeNull();
});

test('a share of nothing is nothing', () => {
  expect(percent(1, 4)).toBe(25);
  expect(percent(0, 0)).toBe(0);
});
