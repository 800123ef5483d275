import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findLag, putIn, takeOut } from './time-scale.ts';

const sine = (n: number, rateHz: number, hz: number): Int16Array =>
  Int16Array.from({ length: n }, (_, i) => 8000 * Math.sin((2 * Math.PI * hz * i) / rateHz));

test.each([
  [8000, 200],
  [8000, 130],
  [16_000, 200],
  [16_000, 110],
])('at %d Hz a tone of %d Hz is cut and stretched by a whole period, without a break', (rateHz, hz) => {
  const length = rateHz / 50;
  const whole = sine(length * 2, rateHz, hz);
  const lag = findLag(whole, 0, length, rateHz, length);
  expect(lag % (rateHz / hz)).toBeLessThanOrEqual(rateHz / 8000 + 1);
  const shorter = Int16Array.from(whole);
  takeOut(shorter, 0, length, rateHz, lag);
  const longer = Int16Array.from(whole);
  putIn(longer, 0, length, rateHz, lag);
  const steepest = (8000 * 2 * Math.PI * hz) / rateHz;
  for (const [samples, end] of [
    [shorter, length - lag],
    [longer, length + lag],
  ] as const) {
    expect(Math.abs((samples[0] as number) - (whole[0] as number))).toBeLessThan(steepest / 8);
    expect(samples[end - 1]).toBe(whole[length - 1]);
    for (let i = 1; i < end; i++) {
      expect(Math.abs((samples[i] as number) - (samples[i - 1] as number))).toBeLessThan(steepest * 1.5);
    }
  }
});

test('soft sound may be cut anywhere, sound without a period nowhere', () => {
  const noise = Int16Array.from({ length: 160 }, (_, i) => ((i * i * 7919 + i * 104_729) % 16_001) - 8000);
  expect(findLag(noise, 0, 160, 8000, 160)).toBeLessThan(101);
  expect(findLag(new Int16Array(160), 0, 160, 8000, 160)).toBe(100);
  expect(findLag(new Int16Array(160), 0, 160, 8000, 10)).toBe(0);
  expect(findLag(new Int16Array(160), 0, 20, 8000, 160)).toBe(0);
});

test('neither reads nor writes outside of what is given', () => {
  const pieces = fc.record({
    samples: fc.int16Array({ minLength: 40, maxLength: 400 }),
    rateHz: fc.constantFrom(8000, 16_000),
    maxSamples: fc.nat(500),
  });
  fc.assert(
    fc.property(pieces, ({ samples, rateHz, maxSamples }) => {
      const { length } = samples;
      const room = new Int16Array(length * 2 + 1).fill(99);
      room.set(samples);
      const lag = findLag(room, 0, length, rateHz, maxSamples);
      expect(lag).toBeLessThanOrEqual(Math.min(maxSamples, length));
      if (lag === 0) return;
      putIn(room, 0, length, rateHz, lag);
      expect(room.subarray(length + lag).every((sample) => sample === 99)).toBe(true);
      expect(room.slice(lag * 2 + (length >> 2), length + lag)).toEqual(samples.slice(lag + (length >> 2)));
    }),
  );
});
