import { expect, test } from 'vitest';
import { growthPct, lastTwoThirds, type Point } from './trend.ts';

const line = (value: (atS: number) => number): Point[] =>
  Array.from({ length: 31 }, (_, i) => ({ atS: i * 60, value: value(i * 60) }));

test('a straight rise is its own growth, whatever jumps around it', () => {
  expect(growthPct(line((atS) => 100 + atS / 90))).toBeCloseTo(100 * (20 / 110), 5);
  expect(growthPct(line((atS) => 100 + ((atS / 60) % 2)))).toBeCloseTo(0, 0);
  expect(growthPct(line((atS) => 200 - atS / 18))).toBeLessThan(-40);
});

test('what grows at first only is flat in the last two thirds', () => {
  const filling = line((atS) => Math.min(atS, 600));
  expect(lastTwoThirds(filling).length).toBe(21);
  expect(growthPct(lastTwoThirds(filling))).toBe(0);
});

test('one point or none has no growth', () => {
  expect(growthPct([])).toBe(0);
  expect(growthPct([{ atS: 0, value: 5 }])).toBe(0);
  expect(lastTwoThirds([])).toEqual([]);
});
