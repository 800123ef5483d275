import { beforeAll, describe, expect, test, vi } from 'vitest';
import { synthesizeDtmf } from '../dsp/tone.ts';
import { speak } from '../testing/speech.ts';
import { type ListeningOptions, UtteranceDetector } from './utterance-detector.ts';
import { UtteranceMemory } from './utterance-memory.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

type Heard =
  | { atMs: number; what: 'started' }
  | { atMs: number; what: 'utterance'; samples: Int16Array; rateHz: number };

/** What a detector tells of this sound, and when. */
function listen(
  samples: Int16Array,
  {
    sampleRateHz = 8000,
    memory = new UtteranceMemory(1 << 20),
    ...options
  }: Partial<ListeningOptions> & {
    sampleRateHz?: number;
    memory?: UtteranceMemory;
  } = {},
): Heard[] {
  const heard: Heard[] = [];
  let atMs = 0;
  const detector = new UtteranceDetector({ endSilenceMs: 700, ...options }, memory, {
    started: () => heard.push({ atMs, what: 'started' }),
    utterance: (said, rateHz) => heard.push({ atMs, what: 'utterance', samples: said, rateHz }),
  });
  const n = sampleRateHz / 50;
  for (let at = 0; at + n <= samples.length; at += n) {
    atMs += 20;
    detector.process(samples.subarray(at, at + n), n, sampleRateHz);
  }
  detector.close();
  expect(memory.usedBytes).toBe(0);
  return heard;
}

function join(...parts: Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

const silence = (durationMs: number, sampleRateHz = 8000) => new Int16Array((durationMs * sampleRateHz) / 1000);
const lengthMs = (samples: Int16Array, sampleRateHz = 8000) => (samples.length * 1000) / sampleRateHz;

/** Whether all of `part` is somewhere in `whole`, sample by sample. */
function contains(whole: Int16Array, part: Int16Array): boolean {
  return Buffer.from(Int16Array.from(whole).buffer).includes(Buffer.from(Int16Array.from(part).buffer));
}

/** The sound between the first and the last sample that is louder than the noise of 16 bits. */
function trimmed(samples: Int16Array): Int16Array {
  const first = samples.findIndex((sample) => Math.abs(sample) > 200);
  const last = samples.findLastIndex((sample) => Math.abs(sample) > 200);
  return samples.slice(first, last + 1);
}

describe('what somebody says', () => {
  let balance: Int16Array;
  let letter: Int16Array;
  beforeAll(async () => {
    balance = trimmed(await speak('rms', 'Sales, please, about six boxes.', 8000));
    letter = trimmed(await speak('slt', 'I would like to speak about the letter.', 8000));
  });

  test('is told as it begins and, whole, when it has ended', () => {
    const heard = listen(join(silence(2000), balance, silence(1500), letter, silence(1000)));
    expect(heard.map(({ what }) => what)).toEqual(['started', 'utterance', 'started', 'utterance']);
    const [begin, first, , second] = heard;
    expect(begin?.atMs).toBeGreaterThan(2000);
    expect(begin?.atMs).toBeLessThan(2000 + 350);
    const endMs = 2000 + lengthMs(balance);
    expect(first?.atMs).toBeGreaterThan(endMs + 300);
    expect(first?.atMs).toBeLessThan(endMs + 720);
    if (first?.what !== 'utterance' || second?.what !== 'utterance') throw new Error('no utterance');
    expect(contains(first.samples, balance)).toBe(true);
    expect(contains(second.samples, letter)).toBe(true);
    // The silence that ended it is mostly left out.
    expect(lengthMs(first.samples)).toBeLessThan(lengthMs(balance) + 650);
  });

  test('goes on over pauses that are shorter than the silence asked for', () => {
    const withPause = join(silence(500), balance, silence(600), letter, silence(2000));
    expect(listen(withPause, { endSilenceMs: 1500 }).map(({ what }) => what)).toEqual(['started', 'utterance']);
    expect(listen(withPause, { endSilenceMs: 300 }).filter(({ what }) => what === 'utterance').length).toBeGreaterThan(
      1,
    );
  });

  test('is told at the end of listening where that is asked for', () => {
    const cutShort = join(silence(400), balance);
    expect(listen(cutShort).map(({ what }) => what)).toEqual(['started']);
    const heard = listen(cutShort, { tellUnfinished: true });
    expect(heard.map(({ what }) => what)).toEqual(['started', 'utterance']);
    const last = heard.at(-1);
    expect(last?.what === 'utterance' ? lengthMs(last.samples) : 0).toBeGreaterThan(lengthMs(balance) - 100);
    expect(listen(silence(2000), { tellUnfinished: true })).toEqual([]);
  });

  test('is cut at the longest length, and goes on', () => {
    const heard = listen(join(silence(400), balance, balance, balance, silence(1000)), { maxUtteranceMs: 2000 });
    const utterances = heard.filter((one) => one.what === 'utterance');
    expect(utterances.length).toBeGreaterThan(2);
    for (const { samples } of utterances) expect(lengthMs(samples)).toBeLessThanOrEqual(2000);
  });

  test('is cut where memory ends, and empty where there is none', () => {
    const sound = join(silence(400), letter, silence(1000));
    for (const [bytes, wantedMs] of [
      [16_000, 1000],
      [100, 0],
    ] as const) {
      const [begin, utterance] = listen(sound, { memory: new UtteranceMemory(bytes) });
      expect(begin?.what).toBe('started');
      expect(utterance?.what === 'utterance' ? lengthMs(utterance.samples) : null).toBe(wantedMs);
    }
  });

  test('at 16 kHz comes as it is', async () => {
    const wide = trimmed(await speak('rms', 'Sales, please, about six boxes.', 16_000));
    const heard = listen(join(silence(800, 16_000), wide, silence(1000, 16_000)), { sampleRateHz: 16_000 });
    const [, utterance] = heard;
    if (utterance?.what !== 'utterance') throw new Error('no utterance');
    expect(utterance.rateHz).toBe(16_000);
    expect(contains(utterance.samples, wide)).toBe(true);
  });
});

test('clicks, keys and silence are nothing that somebody says', () => {
  const click = Int16Array.from({ length: 480 }, (_, i) => 12_000 * Math.sin(i / 3) * Math.exp(-i / 60));
  const keys = synthesizeDtmf('159#', { toneMs: 200, pauseMs: 200, sampleRateHz: 8000 });
  expect(listen(join(silence(1000), click, silence(1000), keys, silence(2000)))).toEqual([]);
});
