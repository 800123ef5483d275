import { expect, test } from 'vitest';
import { activeRms, normaliseLevel } from './level.ts';

const RATE_HZ = 8000;

/** Half a second of tone, then a second of silence. */
const toneAndPause = (amplitude: number) =>
  Int16Array.from({ length: 12_000 }, (_, i) => (i < 4000 ? Math.round(amplitude * Math.sin(i)) : 0));

test.each([300, 3000, 30_000])('speech of amplitude %s comes to -20 dBFS, pauses not counted', (amplitude) => {
  const samples = toneAndPause(amplitude);
  normaliseLevel(samples, RATE_HZ);
  expect(20 * Math.log10(activeRms(samples, RATE_HZ) / 32_768)).toBeCloseTo(-20, 1);
});

test('peaks stay below -1 dBFS', () => {
  const clicks = Int16Array.from({ length: 8000 }, (_, i) => (i % 200 === 0 ? 20_000 : 300));
  normaliseLevel(clicks, RATE_HZ);
  expect(Math.max(...clicks)).toBeLessThanOrEqual(32_768 * 10 ** (-1 / 20));
  expect(Math.max(...clicks)).toBeGreaterThan(28_000);
});

test('silence stays silence', () => {
  const silence = new Int16Array(1000);
  normaliseLevel(silence, RATE_HZ);
  expect(silence).toEqual(new Int16Array(1000));
  expect(activeRms(new Int16Array(0), RATE_HZ)).toBe(0);
});
