import { expect, test } from 'vitest';
import { noise } from '../testing/noise.ts';
import { LossConcealer } from './loss-concealer.ts';

const RATE_HZ = 8000;
const FRAME = 160;

/** A voice: harmonics of one pitch. */
function voice(pitchHz: number, length: number, rateHz = RATE_HZ): Int16Array {
  return Int16Array.from({ length }, (_, i) => {
    let sample = 0;
    for (let harmonic = 1; harmonic <= 8; harmonic++) {
      sample += Math.sin((2 * Math.PI * pitchHz * harmonic * i) / rateHz + harmonic) / harmonic;
    }
    return 5000 * sample;
  });
}

function steepest(samples: Int16Array): number {
  let most = 0;
  for (let i = 1; i < samples.length; i++) {
    most = Math.max(most, Math.abs((samples[i] as number) - (samples[i - 1] as number)));
  }
  return most;
}

function rms(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

/** Treats the frames that `isLost` names as lost. */
function pass(samples: Int16Array, isLost: (frame: number) => boolean, rateHz = RATE_HZ): Int16Array {
  const frame = rateHz / 50;
  const concealer = new LossConcealer(rateHz);
  const sound = samples.slice();
  for (let at = 0; at + frame <= sound.length; at += frame) {
    if (isLost(at / frame)) concealer.conceal(sound, at, frame);
    else concealer.heard(sound, at, frame);
  }
  return sound;
}

test.each([
  [70, RATE_HZ],
  [110, RATE_HZ],
  [187, RATE_HZ],
  [110, 16_000],
  [187, 16_000],
])(
  'a voice of %s Hz at %s Hz goes on with its pitch over one lost frame, and joins without a click',
  (pitchHz, rateHz) => {
    const frame = rateHz / 50;
    const original = voice(pitchHz, 20 * frame, rateHz);
    const sound = pass(original, (index) => index === 10, rateHz);
    const lost = original.subarray(10 * frame, 11 * frame);
    const made = sound.subarray(10 * frame, 11 * frame);
    const error = rms(Int16Array.from(lost, (sample, i) => (made[i] as number) - sample));
    expect(error).toBeLessThan(rms(lost) * 0.45);
    expect(steepest(sound)).toBeLessThan(steepest(original) * 1.3);
    // Before the loss and after the blending nothing is changed.
    expect(sound.subarray(0, 10 * frame)).toEqual(original.subarray(0, 10 * frame));
    expect(sound.subarray(12 * frame)).toEqual(original.subarray(12 * frame));
  },
);

test('a long loss fades out within 60 ms, and what comes after it fades in', () => {
  const original = voice(110, 40 * FRAME);
  const sound = pass(original, (index) => index >= 10 && index < 20);
  const level = (index: number) => rms(sound.subarray(index * FRAME, (index + 1) * FRAME));
  expect(level(10)).toBeGreaterThan(level(9) * 0.8);
  expect(level(11)).toBeLessThan(level(10));
  expect(level(12)).toBeLessThan(level(11) * 0.6);
  expect(level(13)).toBe(0);
  expect(level(19)).toBe(0);
  expect(Math.abs(sound[20 * FRAME] as number)).toBeLessThan(400);
  expect(sound.subarray(21 * FRAME)).toEqual(original.subarray(21 * FRAME));
});

test('noise goes on as noise of its level', () => {
  const random = noise(9);
  const original = Int16Array.from({ length: 20 * FRAME }, () => random() * 2000);
  const sound = pass(original, (index) => index === 10);
  const level = rms(sound.subarray(10 * FRAME, 11 * FRAME)) / rms(original);
  expect(level).toBeGreaterThan(0.6);
  expect(level).toBeLessThan(1.3);
});

test('before anything was heard there is only silence', () => {
  const concealer = new LossConcealer(RATE_HZ);
  const sound = new Int16Array(FRAME).fill(99);
  concealer.conceal(sound, 0, FRAME);
  expect(rms(sound)).toBe(0);
});

test('full scale is limited, not wrapped', () => {
  const original = voice(110, 20 * FRAME).map((sample) => Math.max(-32_768, Math.min(32_767, sample * 10)));
  const sound = pass(original, (index) => index % 4 === 3);
  expect(steepest(sound)).toBeLessThanOrEqual(65_535);
  expect(rms(sound)).toBeLessThan(rms(original) * 1.1);
});
