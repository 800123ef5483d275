import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { decodeMulaw, encodeMulaw } from '../codec/g711.ts';
import { sineAmplitude } from './dbm0.ts';
import { DtmfDetector } from './dtmf-detector.ts';
import { DTMF_KEYS, dtmfFrequencies } from './dtmf-digits.ts';
import { resample } from './resample.ts';
import { type DtmfOptions, synthesizeDtmf, synthesizeTone } from './tone.ts';

const FRAME = 160;

/** Digits found in the samples, fed in frames from a position that falls anywhere in a window. */
function detect(samples: Int16Array, lead = 0, sampleRateHz = 8000): string {
  const detector = new DtmfDetector({ sampleRateHz });
  detector.process(new Int16Array(lead), 0, lead);
  let digits = '';
  for (let i = 0; i < samples.length; i += FRAME) {
    digits += detector.process(samples, i, Math.min(FRAME, samples.length - i));
  }
  const silence = new Int16Array(800);
  return digits + detector.process(silence, 0, 800);
}

function throughMulaw(samples: Int16Array): Int16Array {
  const octets = new Uint8Array(samples.length);
  encodeMulaw(samples, 0, octets, 0, samples.length);
  const received = new Int16Array(samples.length);
  decodeMulaw(octets, 0, received, 0, samples.length);
  return received;
}

/** Repeatable uniform numbers in [-1, 1). */
function noiseSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return state / 2 ** 31;
  };
}

function withNoise(samples: Int16Array, levelDbm0: number, seed = 1): Int16Array {
  const next = noiseSource(seed);
  // A uniform distribution has √(2/3) of the power of a sine with the same peak.
  const peak = sineAmplitude(levelDbm0) * Math.sqrt(1.5);
  return samples.map((sample) => Math.max(-32_768, Math.min(32_767, sample + next() * peak)));
}

function join(...parts: Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** One key with its frequencies moved by a factor, for `toneMs`, then a pause. */
function offsetKey(key: string, factor: number, toneMs: number): Int16Array {
  const pair = dtmfFrequencies(key);
  if (pair === null) throw new Error(`no key ${key}`);
  const components = [pair.rowHz, pair.columnHz].map((hz) => ({ frequencyHz: hz * factor, levelDbm0: -10 }));
  return join(synthesizeTone(components, { durationMs: toneMs }), new Int16Array(480));
}

const row = (options: DtmfOptions) => synthesizeDtmf(DTMF_KEYS, options);

describe('DTMF detector', () => {
  test.each([0, -3, -10, -18, -25])('hears all 16 keys at %s dBm0, through µ-law, wherever they start', (levelDbm0) => {
    for (let lead = 0; lead < 51; lead += 5) {
      const samples = throughMulaw(row({ toneMs: 50, pauseMs: 50, levelDbm0, twistDb: 0 }));
      expect(detect(samples, lead)).toBe(DTMF_KEYS);
    }
  });

  test.each([-8, -4, 0, 4])('accepts a twist of %s dB', (twistDb) => {
    expect(detect(throughMulaw(row({ toneMs: 50, pauseMs: 50, levelDbm0: -12, twistDb })))).toBe(DTMF_KEYS);
  });

  test.each([-14, 10])('refuses a twist of %s dB', (twistDb) => {
    expect(detect(row({ levelDbm0: -12, twistDb }))).toBe('');
  });

  test('takes every tone of 40 ms after every pause of 40 ms', () => {
    for (let lead = 0; lead < 51; lead++) {
      expect(detect(row({ toneMs: 40, pauseMs: 40 }), lead)).toBe(DTMF_KEYS);
    }
  });

  test('one long press is one digit, and the same key twice is two', () => {
    expect(detect(synthesizeDtmf('5', { toneMs: 3000 }))).toBe('5');
    for (let lead = 0; lead < 51; lead++) {
      expect(detect(synthesizeDtmf('5555', { toneMs: 60, pauseMs: 40 }), lead)).toBe('5555');
    }
  });

  test('ignores tones under 20 ms', () => {
    for (let lead = 0; lead < 51; lead++) {
      expect(detect(row({ toneMs: 20, pauseMs: 60 }), lead)).toBe('');
    }
  });

  test('an interruption of 10 ms does not split a digit', () => {
    for (let lead = 0; lead < 51; lead++) {
      const press = synthesizeDtmf('8', { toneMs: 120, pauseMs: 0 });
      press.fill(0, 500, 580);
      expect(detect(press, lead)).toBe('8');
    }
  });

  test.each([0.985, 1.015])('accepts frequencies off by a factor of %s', (factor) => {
    for (let lead = 0; lead < 51; lead += 10) {
      const samples = join(...[...DTMF_KEYS].map((key) => offsetKey(key, factor, 50)));
      expect(detect(throughMulaw(samples), lead)).toBe(DTMF_KEYS);
    }
  });

  test.each([0.955, 1.045])('refuses frequencies off by a factor of %s', (factor) => {
    expect(detect(join(...[...DTMF_KEYS].map((key) => offsetKey(key, factor, 100))))).toBe('');
  });

  test('hears digits in noise 15 dB below them', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const samples = row({ toneMs: 60, pauseMs: 60, levelDbm0: -13, twistDb: 0 });
      expect(detect(throughMulaw(withNoise(samples, -25, seed)), seed * 7)).toBe(DTMF_KEYS);
    }
  });

  test('hears nothing in silence, noise, and call-progress tones', () => {
    expect(detect(new Int16Array(80_000))).toBe('');
    for (const levelDbm0 of [-30, -15, -3]) {
      expect(detect(withNoise(new Int16Array(80_000), levelDbm0))).toBe('');
    }
    for (const pair of [
      [350, 440],
      [440, 480],
      [480, 620],
      [697, 770],
      [1209, 1336],
      [1100, 2100],
      [700, 900],
      [1300, 1700],
    ]) {
      const components = pair.map((frequencyHz) => ({ frequencyHz, levelDbm0: -10 }));
      expect(detect(synthesizeTone(components, { durationMs: 500 }))).toBe('');
    }
  });

  test('a row or column alone, or a pair with strong second harmonics, is no digit', () => {
    const heard = (...frequencies: number[]) =>
      detect(
        synthesizeTone(
          frequencies.map((frequencyHz) => ({ frequencyHz, levelDbm0: -12 })),
          { durationMs: 300 },
        ),
      );
    expect(heard(770)).toBe('');
    expect(heard(1336)).toBe('');
    expect(heard(697, 1209, 2418)).toBe('');
    expect(heard(941, 1209, 1882)).toBe('');
  });

  test('works at other rates', () => {
    for (const sampleRateHz of [8000, 16_000, 48_000]) {
      expect(detect(row({ toneMs: 50, pauseMs: 50, sampleRateHz }), 0, sampleRateHz)).toBe(DTMF_KEYS);
    }
    expect(() => new DtmfDetector({ sampleRateHz: 4000 })).toThrow(RangeError);
  });

  test('reset forgets a held digit', () => {
    const detector = new DtmfDetector({ sampleRateHz: 8000 });
    const press = synthesizeDtmf('1', { toneMs: 100, pauseMs: 0 });
    expect(detector.process(press, 0, press.length)).toBe('1');
    detector.reset();
    expect(detector.process(press, 0, press.length)).toBe('1');
  });

  const multimon = spawnSync('multimon-ng', ['-h']).error === undefined;
  test.skipIf(!multimon)('an independent decoder reads our tones (needs multimon-ng)', () => {
    const samples = resample(row({ toneMs: 100, pauseMs: 100 }), 8000, 22_050);
    const run = spawnSync('multimon-ng', ['-q', '-a', 'DTMF', '-t', 'raw', '-'], {
      input: new Uint8Array(samples.buffer),
      encoding: 'latin1',
    });
    expect([...run.stdout.matchAll(/DTMF: (.)/g)].map((match) => match[1]).join('')).toBe(DTMF_KEYS);
  });
});
