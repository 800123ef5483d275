import { expect, test } from 'vitest';
import { ComfortNoise } from './comfort-noise.ts';

const RATE_HZ = 8000;

function make(payload: readonly number[], seconds = 2): Int16Array {
  const noise = new ComfortNoise(RATE_HZ);
  noise.describe(Uint8Array.of(...payload), 0, payload.length);
  const samples = new Int16Array(seconds * RATE_HZ);
  for (let at = 0; at < samples.length; at += 160) noise.generate(samples, at, 160);
  return samples.subarray(RATE_HZ / 5);
}

function levelDbov(samples: Int16Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return 10 * Math.log10(power / 32_767 ** 2);
}

/** The first two reflection coefficients of the sound itself, by the recursion of Levinson and Durbin. */
function reflectionsOf(samples: Int16Array): [number, number] {
  const correlation = (lag: number) => {
    let sum = 0;
    for (let i = lag; i < samples.length; i++) sum += (samples[i] as number) * (samples[i - lag] as number);
    return sum;
  };
  const [r0, r1, r2] = [correlation(0), correlation(1), correlation(2)];
  const k1 = -r1 / r0;
  const k2 = -(r2 + k1 * r1) / (r0 * (1 - k1 * k1));
  return [k1, k2];
}

const N = (reflection: number) => Math.round((reflection * 32_768) / 258 + 127);

test.each([20, 40, 60, 70])('noise of -%s dBov has that level', (level) => {
  expect(Math.abs(levelDbov(make([level])) + level)).toBeLessThan(0.5);
  expect(Math.abs(levelDbov(make([level, N(-0.8), N(0.3)])) + level)).toBeLessThan(1);
});

test('the spectrum is the one described', () => {
  const [flat1, flat2] = reflectionsOf(make([30]));
  expect(Math.abs(flat1)).toBeLessThan(0.03);
  expect(Math.abs(flat2)).toBeLessThan(0.03);
  const [k1, k2] = reflectionsOf(make([30, N(-0.7), N(0.4)]));
  expect(k1).toBeCloseTo(-0.7, 1);
  expect(k2).toBeCloseTo(0.4, 1);
});

test('a new level is glided to, without a click', () => {
  const noise = new ComfortNoise(RATE_HZ);
  const samples = new Int16Array(160);
  noise.generate(samples, 0, 160);
  expect(samples.every((sample) => sample === 0)).toBe(true);
  noise.describe(Uint8Array.of(30), 0, 1);
  noise.generate(samples, 0, 160);
  expect(Math.abs(samples[0] as number)).toBeLessThan(100);
  noise.describe(new Uint8Array(0), 0, 0);
  noise.generate(samples, 0, 160);
  expect(levelDbov(samples)).toBeGreaterThan(-33);
  noise.describe(Uint8Array.of(127), 0, 1);
  for (let i = 0; i < 10; i++) noise.generate(samples, 0, 160);
  expect(samples.every((sample) => Math.abs(sample) <= 1)).toBe(true);
});

test('whatever is described stays within bounds', () => {
  for (const octet of [0, 1, 126, 127, 128, 254, 255]) {
    const samples = make([0, ...new Array<number>(40).fill(octet)], 1);
    expect(samples.every((sample) => Number.isFinite(sample))).toBe(true);
    const quiet = make([60, ...new Array<number>(40).fill(octet)], 1);
    expect(levelDbov(quiet)).toBeLessThan(-30);
  }
});
