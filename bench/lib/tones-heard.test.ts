import { expect, test } from 'vitest';
import { resample } from '../../packages/media/src/dsp/resample.ts';
import { decodeReplay, encodeReplay } from './replay.ts';
import { toneHz } from './rtppeer.ts';
import { heardTones, OPUS_LIMITS, roomToneAmplitude, toneLevelsDb, WAVE_LIMITS } from './tones-heard.ts';

const SECOND = 8000;
const SINE = Float64Array.from({ length: SECOND }, (_, i) => Math.sin((2 * Math.PI * i) / SECOND));

/** Three seconds of the tones of these calls; they are of whole Hz, so that each second is like the first. */
function mix(calls: number[], streams: number): Int16Array {
  const second = new Float64Array(SECOND);
  for (const call of calls) {
    const hz = toneHz(call, streams);
    const phase = call * call * 1273;
    for (let i = 0; i < SECOND; i++) second[i] = (second[i] ?? 0) + (SINE[(phase + hz * i) % SECOND] ?? 0);
  }
  const amplitude = roomToneAmplitude(streams);
  return Int16Array.from({ length: 3 * SECOND }, (_, i) => amplitude * (second[i % SECOND] ?? 0));
}

test('all others and not itself', () => {
  const others = Array.from({ length: 400 }, (_, i) => i + 1).filter((call) => call !== 7);
  expect(heardTones(mix(others, 400), 7, 400)).toMatchObject({ missing: 0, hearsItself: false });
});

test('two missing, itself heard', () => {
  expect(heardTones(mix([2, 3, 4], 6), 2, 6)).toMatchObject({ missing: 3, hearsItself: true });
});

/** The mix of all but one, after the codec that a member hears it in. */
test.each(['G722', 'opus'] as const)('a member with %s hears 249 others, and would hear itself', (codec) => {
  const streams = 250;
  const all = Array.from({ length: streams }, (_, i) => i + 1);
  const heardAs = (calls: number[]) =>
    decodeReplay(codec, encodeReplay(codec, resample(mix(calls, streams), 8000, 16_000)));
  const limits = codec === 'opus' ? OPUS_LIMITS : WAVE_LIMITS;
  expect(heardTones(heardAs(all.toSpliced(80, 1)), 81, streams, limits)).toMatchObject({
    missing: 0,
    hearsItself: false,
  });
  const itselfAndOneLess = heardTones(heardAs(all.toSpliced(90, 1)), 81, streams, limits);
  expect(itselfAndOneLess).toMatchObject({ missing: 1, hearsItself: true });
});

test('what jitter buffers make of the tones beside is not the own one; half of the own one is', () => {
  const tones = mix([1, 3], 250);
  // The tones of others, cut a hundred times a second.
  const spoiled = tones.map((sample, i) => (Math.sin(Math.floor(i / 80) ** 2) < -0.3 ? -sample : sample));
  expect(heardTones(spoiled, 2, 250).itselfDb).toBeGreaterThan(-20);
  expect(heardTones(spoiled, 2, 250).hearsItself).toBe(false);
  const own = mix([2], 250);
  expect(
    heardTones(
      spoiled.map((sample, i) => sample + (own[i] ?? 0) / 2),
      2,
      250,
    ).hearsItself,
  ).toBe(true);
});

test('silence', () => {
  expect(heardTones(new Int16Array(24_000), 1, 3)).toMatchObject({ missing: 2, hearsItself: false });
});

test('levels of tones', () => {
  const [there = 0, absent = 0] = toneLevelsDb(mix([2], 4), [toneHz(2, 4), toneHz(3, 4)], roomToneAmplitude(4));
  expect(there).toBeCloseTo(0, 1);
  expect(absent).toBeLessThan(-60);
});
