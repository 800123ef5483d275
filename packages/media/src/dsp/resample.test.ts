import { describe, expect, test } from 'vitest';
import { resample, resampleShared } from './resample.ts';

const AMPLITUDE = 10_000;

function sine(frequencyHz: number, sampleRateHz: number, seconds = 0.5): Int16Array {
  return Int16Array.from({ length: sampleRateHz * seconds }, (_, i) =>
    Math.round(AMPLITUDE * Math.sin((2 * Math.PI * frequencyHz * i) / sampleRateHz)),
  );
}

/** Level of the middle half, in dB against a sine of AMPLITUDE; the ends ring. */
function levelDb(samples: Int16Array): number {
  const middle = samples.subarray(samples.length >> 2, (samples.length * 3) >> 2);
  const power = middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length;
  return 10 * Math.log10(Math.max(power, 1e-3) / (AMPLITUDE ** 2 / 2));
}

const rates = [8000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000];

describe.each(rates)('resampling from %s Hz', (fromHz) => {
  test('to 8 kHz is flat to 3.4 kHz', () => {
    for (const frequencyHz of [50, 300, 1000, 2500, 3000, 3400]) {
      expect(Math.abs(levelDb(resample(sine(frequencyHz, fromHz), fromHz, 8000)))).toBeLessThan(0.1);
    }
  });

  const aliases = [4050, 4600, 5000, 6000, 7900, 12_000, 20_000].filter((hz) => hz < fromHz / 2);
  test.for(aliases)('to 8 kHz keeps out %s Hz, which would alias', (frequencyHz) => {
    expect(levelDb(resample(sine(frequencyHz, fromHz), fromHz, 8000))).toBeLessThan(-60);
  });

  test.each(rates)('to %s Hz keeps length, level and place in time', (toHz) => {
    const source = sine(1000, fromHz, 0.1);
    const result = resample(source, fromHz, toHz);
    expect(result.length).toBe(Math.round((source.length * toHz) / fromHz));
    const expected = sine(1000, toHz, 0.1);
    for (let i = result.length >> 2; i < (result.length * 3) >> 2; i++) {
      expect(Math.abs((result[i] ?? 0) - (expected[i] ?? 0))).toBeLessThan(20);
    }
  });
});

describe('resampling', () => {
  test('up leaves no images', () => {
    // 3 kHz at 8 kHz has its image at 5 kHz: what is not the sine itself must be tiny.
    const result = resample(sine(3000, 8000), 8000, 48_000);
    const expected = sine(3000, 48_000);
    const rest = result.map((sample, i) => sample - (expected[i] ?? 0));
    expect(levelDb(rest)).toBeLessThan(-60);
  });

  test('handles odd rates, short and empty input', () => {
    expect(Math.abs(levelDb(resample(sine(1000, 44_099), 44_099, 8000)))).toBeLessThan(0.1);
    expect(resample(new Int16Array(0), 44_100, 8000).length).toBe(0);
    expect(resample(Int16Array.of(5), 8000, 48_000).length).toBe(6);
  });

  test('clips instead of wrapping', () => {
    const square = Int16Array.from({ length: 400 }, (_, i) => (i % 16 < 8 ? 32_767 : -32_768));
    const result = resample(square, 16_000, 48_000);
    const jumps = result.filter((sample, i) => i > 0 && Math.abs(sample - (result[i - 1] ?? 0)) > 50_000);
    expect(jumps.length).toBe(0);
  });

  test('in slices gives the same, on shared memory', async () => {
    const source = sine(1000, 22_050, 3);
    const result = await resampleShared(source, 22_050, 8000);
    expect(result.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...result]).toEqual([...resample(source, 22_050, 8000)]);
    expect([...(await resampleShared(source, 8000, 8000))]).toEqual([...source]);
    await expect(resampleShared(source, 0, 8000)).rejects.toThrow(RangeError);
  });

  test('refuses rates that are no rates', () => {
    for (const bad of [0, -8000, 8000.5, Number.NaN]) {
      expect(() => resample(new Int16Array(1), bad, 8000)).toThrow(RangeError);
    }
  });
});
