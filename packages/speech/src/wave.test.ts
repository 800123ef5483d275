import { expect, test } from 'vitest';
import { readWave, writeWave } from './wave.ts';

const speech = { samples: Int16Array.of(0, 1, -1, 32_767, -32_768), sampleRateHz: 16_000 };

test('a WAV file reads back', () => {
  expect(readWave(writeWave(speech))).toEqual({ ...speech, complete: true });
});

test('a cut file, or one with a placeholder length, is known as incomplete', () => {
  const cut = readWave(writeWave(speech).subarray(0, 44 + 5));
  expect(cut).toEqual({ samples: Int16Array.of(0, 1), sampleRateHz: 16_000, complete: false });
});

test('anything else is refused', () => {
  const eightBit = writeWave(speech);
  eightBit[34] = 8;
  for (const bytes of [new Uint8Array(0), new Uint8Array(100), Buffer.from('RIFF'), eightBit]) {
    expect(readWave(bytes)).toBeNull();
  }
});
