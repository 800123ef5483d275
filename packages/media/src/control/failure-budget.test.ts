import { expect, test } from 'vitest';
import { FailureBudget } from './failure-budget.ts';

test('too many failures in a row are not made good, but time heals', () => {
  let nowMs = 0;
  const budget = new FailureBudget({ most: 2, windowMs: 1000, now: () => nowMs });
  const fail = () => {
    budget.spend();
    return budget.hasLeft;
  };
  expect([fail(), fail(), fail()]).toEqual([true, true, false]);
  nowMs = 999;
  expect(budget.hasLeft).toBe(false);
  nowMs = 1000;
  expect(budget.hasLeft).toBe(true);
  expect([fail(), fail(), fail()]).toEqual([true, true, false]);
});
