import { expect, test } from 'vitest';
import { atModelRate } from './at-model-rate.ts';

const tones = (sampleRateHz: number, ...lines: [hz: number, amplitude: number][]) =>
  Int16Array.from({ length: sampleRateHz / 10 }, (_, i) =>
    lines.reduce((sum, [hz, amplitude]) => sum + amplitude * Math.sin((2 * Math.PI * hz * i) / sampleRateHz), 0),
  );

test('8 kHz becomes 16 kHz, by straight lines', () => {
  expect([...atModelRate(Int16Array.of(0, 100, -300), 8000)]).toEqual([0, 50, 100, -100, -300, -300]);
  expect(atModelRate(new Int16Array(0), 8000)).toHaveLength(0);
});

test('wideband sound stays as it is', () => {
  const sound = tones(16_000, [700, 5000], [6000, 200]);
  expect(atModelRate(sound, 16_000)).toBe(sound);
});

test('a telephone’s sound in a wideband codec is treated as at 8 kHz', () => {
  const lines: [number, number][] = [
    [700, 5000],
    [3300, 1500],
  ];
  expect(atModelRate(tones(16_000, ...lines), 16_000)).toEqual(atModelRate(tones(8000, ...lines), 8000));
});
