import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimateMos, mosOfRating, transmissionRating } from './mos.ts';

const GOOD = { codec: 'PCMU', lossPercent: 0, burstRatio: 1, delayMs: 0 } as const;

// ITU-T G.107 annex B, table B.1.
test.each([
  [90, 4.34],
  [80, 4.03],
  [70, 3.6],
  [60, 3.1],
  [50, 2.58],
])('a rating of %d is an opinion of %d', (rating, mos) => {
  expect(Math.abs(mosOfRating(rating) - mos)).toBeLessThan(0.01);
});

test('the best there is', () => {
  expect(transmissionRating(GOOD)).toBe(93.2);
  expect(estimateMos(GOOD)).toBeCloseTo(4.41, 2);
});

// 95 * Ppl / (Ppl + 25.1), and with bursts twice as long as random ones 95 * Ppl / (Ppl / 2 + 25.1).
test.each([
  [1, 1, 89.56],
  [5, 1, 77.42],
  [20, 1, 51.07],
  [5, 2, 75.99],
])('G.711 with %d %% loss and a burst ratio of %d', (lossPercent, burstRatio, rating) => {
  expect(transmissionRating({ ...GOOD, lossPercent, burstRatio })).toBeCloseTo(rating, 1);
});

test('delay matters little up to 177 ms and much beyond', () => {
  expect(transmissionRating({ ...GOOD, delayMs: 150 })).toBeCloseTo(93.2 - 3.6, 1);
  expect(transmissionRating({ ...GOOD, delayMs: 400 })).toBeCloseTo(93.2 - 9.6 - 24.5, 1);
});

const ROUNDING = 1e-9;

test('more loss, longer bursts and more delay are never better, and nothing leaves the scale', () => {
  const conditions = fc.record({
    codec: fc.constantFrom('PCMU', 'PCMA', 'G722', 'opus'),
    lossPercent: fc.double({ min: 0, max: 100, noNaN: true }),
    burstRatio: fc.double({ min: 1, max: 50, noNaN: true }),
    delayMs: fc.double({ min: 0, max: 100_000, noNaN: true }),
  });
  fc.assert(
    fc.property(conditions, (one) => {
      const mos = estimateMos(one);
      expect(mos).toBeGreaterThanOrEqual(1);
      expect(mos).toBeLessThanOrEqual(4.5);
      const atMost = mos + ROUNDING;
      expect(estimateMos({ ...one, lossPercent: one.lossPercent + 1 })).toBeLessThanOrEqual(atMost);
      expect(estimateMos({ ...one, burstRatio: one.burstRatio + 1 })).toBeLessThanOrEqual(atMost);
      expect(estimateMos({ ...one, delayMs: one.delayMs + 10 })).toBeLessThanOrEqual(atMost);
    }),
  );
});
