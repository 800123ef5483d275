import { expect, test } from 'vitest';
import { isRetriedStatus, retryDelayMs } from './retry.ts';

const delays = { baseMs: 200, maxMs: 5_000 };

test('waits double, half of each at random, up to the longest', () => {
  const waits = (random: number) =>
    [1, 2, 3, 9].map((retry) => retryDelayMs(retry, undefined, delays, 0, () => random));
  expect(waits(0)).toEqual([100, 200, 400, 2_500]);
  expect(waits(0.999)).toEqual([199.9, 399.8, 799.6, 4_997.5].map((ms) => expect.closeTo(ms, 6)));
});

test('Retry-After in seconds or as a date', () => {
  const at = Date.UTC(2026, 0, 1);
  const wait = (text: string) => retryDelayMs(1, text, delays, at, () => 0);
  expect(wait('2')).toBe(2_000);
  expect(wait('0')).toBe(100);
  expect(wait('6')).toBeNull();
  expect(wait(new Date(at + 3_000).toUTCString())).toBe(3_000);
  expect(wait(new Date(at - 3_000).toUTCString())).toBe(100);
  expect(wait('soon')).toBe(100);
});

test('which statuses are tried again', () => {
  expect([200, 302, 404, 429].some((status) => isRetriedStatus(status, undefined))).toBe(false);
  expect([500, 502, 503, 504].every((status) => isRetriedStatus(status, undefined))).toBe(true);
  expect(isRetriedStatus(429, '1')).toBe(true);
});
