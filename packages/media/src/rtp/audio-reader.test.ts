import { expect, test } from 'vitest';
import { AudioReader } from './audio-reader.ts';
import type { JitterBufferOptions } from './jitter-buffer.ts';
import { type FarSide, linearCodec, listen, seededRandom } from './virtual-far-side.ts';

const NARROW = linearCodec(8000, 8000);
const TONE_HZ = 200;
const AMPLITUDE = 8000;

/** The steepest step of the tone between two samples at 8 kHz. */
const TONE_STEP = (AMPLITUDE * 2 * Math.PI * TONE_HZ) / 8000;

const tone = (at: number): number => AMPLITUDE * Math.sin((2 * Math.PI * TONE_HZ * at) / 8000);

interface Heard {
  samples: number[];
  delays: number[];
  silentFrames: number;
  reader: AudioReader;
}

function hear(
  far: Partial<FarSide>,
  durationMs: number,
  options: Omit<JitterBufferOptions, 'clockRateHz'> = {},
): Heard {
  const whole: FarSide = { codec: NARROW, packetMs: 20, delayMs: () => 0, sample: tone, ...far };
  const reader = new AudioReader(whole.codec, options);
  const samples: number[] = [];
  const delays: number[] = [];
  let silentFrames = 0;
  listen(whole, reader, durationMs, (frame) => {
    samples.push(...frame.samples);
    delays.push(reader.delayMs);
    if (!frame.sounds) silentFrames++;
  });
  return { samples, delays, silentFrames, reader };
}

const largestStep = (samples: number[]): number =>
  samples.reduce((most, sample, at) => Math.max(most, at > 0 ? Math.abs(sample - (samples[at - 1] ?? 0)) : 0), 0);

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test.each([5, 10, 20, 30, 40, 60, 80])('an even stream of %d ms packets comes out as it went in', (packetMs) => {
  const { samples, reader } = hear({ packetMs, sample: (at) => (at % 32_000) + 1 }, 3000);
  const begin = samples.indexOf(1);
  expect(begin / 8).toBeLessThanOrEqual(packetMs + 60);
  const out = samples.slice(begin);
  expect(out).toEqual(out.map((_, at) => (at % 32_000) + 1));
  expect(reader).toMatchObject({ concealedMs: 0, lateDiscarded: 0 });
});

test.each([
  [16_000, 8000],
  [16_000, 48_000],
  [8000, 48_000],
] as const)('samples at %d Hz with timestamps at %d Hz', (rateHz, clockRateHz) => {
  const { samples, reader } = hear(
    { codec: linearCodec(rateHz, clockRateHz), sample: (at) => (at % 32_000) + 1 },
    1000,
  );
  const out = samples.slice(samples.indexOf(1));
  expect(out).toEqual(out.map((_, at) => (at % 32_000) + 1));
  expect(reader.concealedMs).toBe(0);
});

test('jitter of 50 ms: the delay settles at what the slowest packets need, and nearly nothing is lost', () => {
  const random = seededRandom(1);
  const { delays, samples, reader } = hear({ delayMs: () => random() * 50 }, 60_000);
  const settled = delays.slice(500);
  expect(mean(settled)).toBeGreaterThan(35);
  expect(mean(settled)).toBeLessThan(75);
  expect(reader.lateDiscarded).toBeLessThan(10);
  expect(reader.concealedMs).toBeLessThan(600);
  expect(largestStep(samples)).toBeLessThan(TONE_STEP * 3);
});
