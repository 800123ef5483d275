import { expect, test } from 'vitest';
import { decodeReplay, encodeReplay } from './replay.ts';
import { toneLevelsDb } from './tones-heard.ts';

const AMPLITUDE = 4000;

test.each(['PCMU', 'PCMA', 'G722', 'opus'] as const)(
  'a tone is the same tone after it was encoded and decoded as %s; what is missing is silence',
  (codec) => {
    const tone = Int16Array.from(
      { length: 3 * 16_000 },
      (_, i) => AMPLITUDE * Math.sin((2 * Math.PI * 640 * i) / 16_000),
    );
    const replay = encodeReplay(codec, tone);
    const heard = decodeReplay(codec, Buffer.concat([replay, Buffer.alloc(4)]));
    expect(heard.length).toBe(3 * 8000 + 320);
    const [there = 0, absent = 0] = toneLevelsDb(heard, [640, 760], AMPLITUDE);
    expect(Math.abs(there)).toBeLessThan(1);
    expect(absent).toBeLessThan(-20);
    expect(heard.subarray(-100).every((sample) => sample === 0)).toBe(true);
  },
);
