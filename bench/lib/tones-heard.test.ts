import { expect, test } from 'vitest';
import { toneHz } from './rtppeer.ts';
import { heardTones, roomToneAmplitude, toneLevelsDb } from './tones-heard.ts';

/** Three seconds of the tones of these calls. */
function mix(calls: number[], streams: number): Int16Array {
  return Int16Array.from({ length: 24_000 }, (_, i) =>
    calls.reduce((sum, call) => {
      const phase = (2 * Math.PI * toneHz(call, streams) * i) / 8000 + call * call;
      return sum + roomToneAmplitude(streams) * Math.sin(phase);
    }, 0),
  );
}

test('all others and not itself', () => {
  const others = Array.from({ length: 400 }, (_, i) => i + 1).filter((call) => call !== 7);
  expect(heardTones(mix(others, 400), 7, 400)).toMatchObject({ missing: 0, hearsItself: false });
});

test('two missing, itself heard', () => {
  expect(heardTones(mix([2, 3, 4], 6), 2, 6)).toMatchObject({ missing: 3, hearsItself: true });
});

test('silence', () => {
  expect(heardTones(new Int16Array(24_000), 1, 3)).toMatchObject({ missing: 2, hearsItself: false });
});

test('levels of tones', () => {
  const [there = 0, absent = 0] = toneLevelsDb(mix([2], 4), [toneHz(2, 4), toneHz(3, 4)], roomToneAmplitude(4));
  expect(there).toBeCloseTo(0, 1);
  expect(absent).toBeLessThan(-60);
});
