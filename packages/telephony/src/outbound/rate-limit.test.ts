import { expect, test } from 'vitest';
import { RateLimit } from './rate-limit.ts';

test('a burst passes, then the average', () => {
  const limit = new RateLimit({ perSecond: 2, burst: 3 }, 0);
  expect([limit.take(0), limit.take(0), limit.take(0), limit.take(0)]).toEqual([true, true, true, false]);
  expect(limit.take(499)).toBe(false);
  expect(limit.take(1000)).toBe(true);
});

test('a clock that goes back gives nothing', () => {
  const limit = new RateLimit({ perSecond: 1, burst: 1 }, 1000);
  expect(limit.take(1000)).toBe(true);
  expect(limit.take(0)).toBe(false);
});
