import { expect, test } from 'vitest';
import { joinParts } from './join-parts.ts';

const RATE_HZ = 8000;
const ms = (samples: number) => (samples * 1000) / RATE_HZ;

/** A tone of 200 ms with quiet of some milliseconds before and after it. */
function sound(beforeMs: number, afterMs: number, gain = 1) {
  const [before, after] = [beforeMs * 8, afterMs * 8];
  const samples = Int16Array.from({ length: before + 1600 + after }, (_, i) =>
    i < before || i >= before + 1600 ? 3 : i % 2 === 0 ? 10_000 : -10_000,
  );
  return { samples, gain };
}

/** Where something is heard, in milliseconds. */
function heard(samples: Int16Array): [fromMs: number, toMs: number][] {
  const spans: [number, number][] = [];
  for (const [at, sample] of samples.entries()) {
    if (Math.abs(sample) < 1000) continue;
    const last = spans.at(-1);
    if (last !== undefined && ms(at) - last[1] < 1) last[1] = ms(at + 1);
    else spans.push([ms(at), ms(at + 1)]);
  }
  return spans;
}

test('a pause lasts from what is heard to what is heard, whatever silence the sounds bring along', () => {
  for (const quietMs of [0, 10, 300]) {
    const parts = [sound(quietMs, quietMs), { pauseMs: 500 }, sound(quietMs, quietMs)];
    const lead = Math.min(quietMs, 40);
    expect(heard(joinParts(parts, RATE_HZ))).toEqual([
      [lead, lead + 200],
      [lead + 700, lead + 900],
    ]);
  }
});

test('pauses add up, at the beginning and the end too', () => {
  const joined = joinParts([{ pauseMs: 100 }, { pauseMs: 200 }, sound(50, 50), { pauseMs: 400 }], RATE_HZ);
  expect(heard(joined)).toEqual([[300, 500]]);
  expect(ms(joined.length)).toBe(900);
});

test('without a pause parts follow each other closely, with one of nothing at once', () => {
  expect(heard(joinParts([sound(90, 90), sound(90, 90)], RATE_HZ)).map(([from]) => from)).toEqual([40, 300]);
  expect(heard(joinParts([sound(90, 90), { pauseMs: 0 }, sound(90, 90)], RATE_HZ))).toEqual([[40, 440]]);
});

test('each part is as loud as it should be', () => {
  const joined = joinParts(
    [sound(0, 0, 0.5), { pauseMs: 10 }, sound(0, 0, 0), { pauseMs: 10 }, sound(0, 0, 9)],
    RATE_HZ,
  );
  const peakFrom = (atMs: number) => Math.max(...joined.subarray(atMs * 8, (atMs + 200) * 8));
  expect([peakFrom(0), peakFrom(210), peakFrom(420)]).toEqual([5000, 0, 32_767]);
});
