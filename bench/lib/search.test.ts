import { expect, test } from 'vitest';
import { highestPassed, type SearchBounds, searchHighest } from './search.ts';

const bounds: SearchBounds = { first: 100, limit: 3200, resolution: 0.05, maxAttempts: 20 };

/** Searches a server that can take loads up to `capacity`. */
async function search(capacity: number, changes: Partial<SearchBounds> = {}) {
  const attempts = await searchHighest(async (n) => ({ n, pass: n <= capacity }), { ...bounds, ...changes });
  return { tried: attempts.map(({ n }) => n), best: highestPassed(attempts)?.n ?? null };
}

test('doubles, then halves the gap until it is small', async () => {
  const { tried, best } = await search(530);
  expect(tried).toEqual([100, 200, 400, 800, 600, 500, 550, 530]);
  expect(best).toBe(530);
});

test('ends at the limit when that passes', async () => {
  expect(await search(9999, { limit: 700 })).toEqual({ tried: [100, 200, 400, 700], best: 700 });
});

test('goes down when the first try fails', async () => {
  const { tried, best } = await search(30);
  expect(tried.slice(0, 3)).toEqual([100, 50, 30]);
  expect(best).toBeGreaterThanOrEqual(28);
  expect(best).toBeLessThanOrEqual(30);
});

test('a server that takes nothing: a bounded number of tries and no answer', async () => {
  const { tried, best } = await search(0);
  expect(best).toBeNull();
  expect(tried.length).toBeLessThan(10);
  expect(Math.min(...tried)).toBe(1);
});

test('never more tries than allowed', async () => {
  expect((await search(530, { maxAttempts: 5 })).tried).toEqual([100, 200, 400, 800, 600]);
});
