import { describe, expect, test } from 'vitest';
import { noise } from '../testing/noise.ts';
import { RateConverter } from './rate-converter.ts';

const FRAME_MS = 20;

/** Converts frame by frame, as a call does. */
function convert(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  const converter = new RateConverter(fromHz, toHz);
  const n = Math.floor((fromHz * FRAME_MS) / 1000);
  const output = new Int16Array(Math.ceil((samples.length * toHz) / fromHz) + 10);
  let written = 0;
  for (let at = 0; at + n <= samples.length; at += n) {
    const length = converter.outputLength(n);
    expect(converter.process(samples, at, n, output, written)).toBe(length);
    written += length;
  }
  return output.subarray(0, written);
}

function tone(hz: number, rateHz: number, amplitude = 10_000): Int16Array {
  return Int16Array.from({ length: rateHz / 2 }, (_, i) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * i) / rateHz)),
  );
}

/** Level of one frequency in the settled middle of the sound. */
function amplitudeOf(samples: Int16Array, hz: number, rateHz: number): number {
  const part = samples.subarray(rateHz / 10, rateHz / 10 + rateHz / 5);
  let [re, im] = [0, 0];
  for (let i = 0; i < part.length; i++) {
    re += (part[i] as number) * Math.cos((2 * Math.PI * hz * i) / rateHz);
    im += (part[i] as number) * Math.sin((2 * Math.PI * hz * i) / rateHz);
  }
  return (2 * Math.hypot(re, im)) / part.length;
}

const PAIRS = [
  [8000, 16_000],
  [16_000, 8000],
  [8000, 24_000],
  [24_000, 8000],
  [8000, 48_000],
  [48_000, 8000],
  [16_000, 24_000],
  [24_000, 16_000],
  [16_000, 48_000],
  [48_000, 16_000],
  [8000, 44_100],
  [44_100, 8000],
  [11_025, 16_000],
] as const;

describe.each(PAIRS)('%s to %s Hz', (fromHz, toHz) => {
  const edgeHz = Math.min(fromHz, toHz) / 2;

  test('what both rates hold passes within 0.1 dB', () => {
    for (const part of [0.05, 0.25, 0.5, 0.7, 0.8, 0.85]) {
      const hz = Math.round((part * edgeHz) / 10) * 10;
      const gainDb = 20 * Math.log10(amplitudeOf(convert(tone(hz, fromHz), fromHz, toHz), hz, toHz) / 10_000);
      expect(Math.abs(gainDb), `${hz} Hz`).toBeLessThan(0.1);
    }
  });

  test('images and aliases are 60 dB down', () => {
    const hz = Math.round((0.85 * edgeHz) / 10) * 10;
    if (toHz > fromHz) {
      const output = convert(tone(hz, fromHz), fromHz, toHz);
      expect(20 * Math.log10(amplitudeOf(output, fromHz - hz, toHz) / 10_000)).toBeLessThan(-60);
    } else {
      const highestHz = fromHz / 2 - 10;
      for (const inputHz of [1.06 * edgeHz, (edgeHz + highestHz) / 2, highestHz]) {
        const rest = convert(tone(inputHz, fromHz), fromHz, toHz).subarray(toHz / 10);
        const rms = Math.sqrt(rest.reduce((sum, sample) => sum + sample * sample, 0) / rest.length);
        expect(20 * Math.log10((rms * Math.SQRT2) / 10_000), `${inputHz} Hz`).toBeLessThan(-60);
      }
    }
  });

  test('every 20 ms give 20 ms, and pieces of any length the same as the whole', () => {
    const random = noise(5);
    const input = Int16Array.from({ length: fromHz / 5 }, () => random() * 8000);
    const converter = new RateConverter(fromHz, toHz);
    for (let i = 0; i < 5; i++) {
      // At 11,025 Hz 20 ms are no whole number of samples.
      const n = (fromHz * FRAME_MS) / 1000;
      if (Number.isInteger(n)) expect(converter.outputLength(n)).toBe((toHz * FRAME_MS) / 1000);
    }
    const whole = new Int16Array(toHz / 5 + 10);
    const total = new RateConverter(fromHz, toHz).process(input, 0, input.length, whole, 0);
    const pieces = new Int16Array(toHz / 5 + 10);
    const again = new RateConverter(fromHz, toHz);
    let written = 0;
    for (let at = 0, n = 1; at < input.length; at += n, n = (n * 7) % 641) {
      written += again.process(input, at, Math.min(n, input.length - at), pieces, written);
    }
    expect(written).toBe(total);
    expect(pieces).toEqual(whole);
  });
});

test('the sound is late by what is said, and a reset begins anew', () => {
  const converter = new RateConverter(8000, 16_000);
  const click = new Int16Array(160);
  click[40] = 20_000;
  const output = new Int16Array(320);
  converter.process(click, 0, 160, output, 0);
  const peak = output.indexOf(Math.max(...output));
  expect(Math.abs(peak / 16 - 5 - converter.delayMs)).toBeLessThan(0.1);
  expect(converter.delayMs).toBeLessThan(3);
  converter.reset();
  const again = new Int16Array(320);
  converter.process(click, 0, 160, again, 0);
  expect(again).toEqual(output);
});

test('full scale is limited, not wrapped', () => {
  const square = Int16Array.from({ length: 1600 }, (_, i) => (Math.floor(i / 20) % 2 === 0 ? 32_767 : -32_768));
  const output = convert(square, 8000, 16_000);
  for (let i = 1; i < output.length; i++) {
    expect(Math.abs((output[i] as number) - (output[i - 1] as number))).toBeLessThan(40_000);
  }
  expect(Math.max(...output)).toBe(32_767);
});

test('equal rates change nothing', () => {
  const samples = tone(440, 8000);
  expect(convert(samples, 8000, 8000)).toEqual(samples);
});

test.each([0, -8000, 8000.5, Number.NaN])('%s is no rate', (rate) => {
  expect(() => new RateConverter(rate, 8000)).toThrow(RangeError);
  expect(() => new RateConverter(8000, rate)).toThrow(RangeError);
});
