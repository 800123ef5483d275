import { expect, test } from 'vitest';
import { decodeReplay, encodeReplay } from './opus-replay.ts';
import { toneLevelsDb } from './tones-heard.ts';

const AMPLITUDE = 4000;

test('a tone is the same tone after it was encoded and decoded; what is missing is silence', () => {
  const tone = Int16Array.from(
    { length: 3 * 16_000 },
    (_, i) => AMPLITUDE * Math.sin((2 * Math.PI * 640 * i) / 16_000),
  );
  const replay = encodeReplay(tone);
  const heard = decodeReplay(Buffer.concat([replay, Buffer.alloc(2)]));
  expect(heard.length).toBe(3 * 8000 + 160);
  const [there = 0, absent = 0] = toneLevelsDb(heard, [640, 760], AMPLITUDE);
  expect(Math.abs(there)).toBeLessThan(1);
  expect(absent).toBeLessThan(-20);
  expect(heard.subarray(-160).every((sample) => sample === 0)).toBe(true);
});
