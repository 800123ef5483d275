import { expect, test } from 'vitest';
import { throughUlaw } from '../../e2e/lib/g711.ts';
import { prompt30, prompt30High, waveFile } from './prompt.ts';
import { isPrompt, matchPrompt } from './prompt-match.ts';

const SECOND = 8000;

/** Two seconds of a prompt that repeats itself, as a phone hears them. */
function heardFrom(samples: Int16Array, start: number): Int16Array {
  return throughUlaw(Int16Array.from({ length: 2 * SECOND }, (_, i) => samples[(start + i) % samples.length] ?? 0));
}

test('a stretch of the prompt is the prompt, from anywhere and over its end', () => {
  for (const start of [0, 12_345, 29 * SECOND]) {
    const match = matchPrompt(heardFrom(prompt30.samples, start), prompt30.samples);
    expect(isPrompt(match), JSON.stringify(match)).toBe(true);
    expect(match.correlation).toBeGreaterThan(0.999);
  }
});

test('another prompt is not, nor is silence', () => {
  expect(isPrompt(matchPrompt(heardFrom(prompt30High.samples, 777), prompt30.samples))).toBe(false);
  expect(isPrompt(matchPrompt(heardFrom(prompt30.samples, 777), prompt30High.samples))).toBe(false);
  expect(isPrompt(matchPrompt(new Int16Array(2 * SECOND), prompt30.samples))).toBe(false);
  expect(isPrompt(matchPrompt(new Int16Array(0), prompt30.samples))).toBe(false);
});

test('the prompt at half its loudness, or with a frame lost, is not', () => {
  const heard = heardFrom(prompt30.samples, 4000);
  expect(
    isPrompt(
      matchPrompt(
        heard.map((sample) => sample / 2),
        prompt30.samples,
      ),
    ),
  ).toBe(false);
  const cut = Int16Array.from([...heard.subarray(0, 8000), ...heard.subarray(8160)]);
  expect(isPrompt(matchPrompt(cut, prompt30.samples))).toBe(false);
});

test('the WAV file says what is in it', () => {
  const file = waveFile(prompt30.samples);
  expect(file.length).toBe(44 + 30 * SECOND * 2);
  expect(file.toString('latin1', 0, 4)).toBe('RIFF');
  expect(file.readUInt32LE(4)).toBe(file.length - 8);
  expect(file.readInt16LE(44 + 2 * 1000)).toBe(prompt30.samples[1000]);
});
