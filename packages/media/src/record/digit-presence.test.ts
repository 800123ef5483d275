import { expect, test } from 'vitest';
import { synthesizeDtmf, synthesizeTone } from '../dsp/tone.ts';
import { DigitPresence } from './digit-presence.ts';

const KEYS = '1234567890*#ABCD';

test.each([8000, 16_000])('every key is noticed at %i Hz, at any level, twist and place', (sampleRateHz) => {
  const n = sampleRateHz / 50;
  for (const levelDbm0 of [-8, -20, -30]) {
    for (const twistDb of [-8, -2, 0, 4]) {
      for (const key of KEYS) {
        const samples = synthesizeDtmf(key, { toneMs: 60, pauseMs: 40, levelDbm0, twistDb, sampleRateHz });
        for (let offset = 0; offset < n; offset += n / 4) {
          const presence = new DigitPresence();
          presence.process(new Int16Array(n), 0, offset, sampleRateHz);
          expect(presence.process(samples, 0, samples.length, sampleRateHz)).toBe(true);
        }
      }
    }
  }
});

test('silence, one tone and tones of the network are no keys', () => {
  for (const frequenciesHz of [[], [941], [1209], [350, 440], [480, 620], [440, 480], [1100], [2100]]) {
    const components = frequenciesHz.map((frequencyHz) => ({ frequencyHz, levelDbm0: -10 }));
    const samples = synthesizeTone(components, { durationMs: 400, edgeMs: 20 });
    expect(new DigitPresence().process(samples, 0, samples.length, 8000)).toBe(false);
  }
});

test('the rate may change on the way', () => {
  const presence = new DigitPresence();
  const narrow = synthesizeDtmf('5', { toneMs: 60 });
  const wide = synthesizeDtmf('5', { toneMs: 60, sampleRateHz: 16_000 });
  expect(presence.process(narrow, 0, 480, 8000)).toBe(true);
  expect(presence.process(wide, 0, 960, 16_000)).toBe(true);
  expect(presence.process(new Int16Array(480), 0, 480, 8000)).toBe(false);
});
