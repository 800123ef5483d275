import { expect, test } from 'vitest';
import { AudioReader } from './audio-reader.ts';
import { linearCodec, listen, seededRandom } from './virtual-far-side.ts';

const NARROW = linearCodec(8000, 8000);
const SETTLING_MS = 12_000;
const RUN_MS = 72_000;

interface Load {
  /** Between one stall of the process and the next, ms. */
  everyMs: [least: number, most: number];
  /** How long nothing is done. */
  lastingMs: [least: number, most: number];
}

/** When a process that stalls again and again gets to what happens at a time. */
function stalling({ everyMs, lastingMs }: Load, seed: number, durationMs: number): (atMs: number) => number {
  const random = seededRandom(seed);
  const between = ([least, most]: [number, number]) => least + random() * (most - least);
  const stalls: { fromMs: number; toMs: number }[] = [];
  for (let at = between(everyMs); at < durationMs + 1000; at += between(everyMs)) {
    stalls.push({ fromMs: at, toMs: at + between(lastingMs) });
  }
  let next = 0;
  return (atMs) => {
    if ((stalls[next]?.fromMs ?? 0) > atMs + 500) next = 0;
    while ((stalls[next]?.toMs ?? Number.POSITIVE_INFINITY) <= atMs) next++;
    const stall = stalls[next];
    return stall !== undefined && stall.fromMs <= atMs ? stall.toMs : atMs;
  };
}

interface Course {
  /** How often the delay was changed, whatever it took within half a second. */
  changes: number;
  concealedMs: number;
  meanDelayMs: number;
}

/** A voice, whose packets come `phaseMs` after a multiple of 20 ms, through a reader of a process under load. */
function hear(load: Load, phaseMs: number, driftPpm: number): Course {
  const handled = stalling(load, 7, RUN_MS);
  const reader = new AudioReader(NARROW);
  let changes = 0;
  let changedMs = Number.NEGATIVE_INFINITY;
  let delays = 0;
  let frames = 0;
  let last = 0;
  let concealedMs = 0;
  const far = {
    codec: NARROW,
    packetMs: 20,
    driftPpm,
    delayMs: (index: number) => {
      const cameMs = (index * 20) / (1 + driftPpm / 1e6) + 20 + phaseMs;
      return handled(cameMs) - cameMs + phaseMs;
    },
    sample: (at: number) => (at % 30_000) + 1,
  };
  listen(
    far,
    reader,
    RUN_MS,
    ({ atMs, samples }) => {
      if (atMs < SETTLING_MS) concealedMs = reader.concealedMs;
      else {
        frames++;
        delays += reader.delayMs;
        // What is stretched, shortened or concealed does not go up by one any more.
        let isEven = true;
        let before = last;
        for (const sample of samples) {
          if (sample !== (before % 30_000) + 1) isEven = false;
          before = sample;
        }
        if (!isEven) {
          if (atMs - changedMs > 500) changes++;
          changedMs = atMs;
        }
      }
      last = samples.at(-1) ?? 0;
    },
    handled,
  );
  return { changes, concealedMs: reader.concealedMs - concealedMs, meanDelayMs: delays / frames };
}

const PHASES = Array.from({ length: 20 }, (_, phase) => phase + 0.3);

test.each<[string, Load, number, number]>([
  ['up to 15 ms every 300 ms', { everyMs: [150, 450], lastingMs: [0, 15] }, 3, 35],
  ['up to 15 ms every 60 ms', { everyMs: [40, 80], lastingMs: [2, 15] }, 3, 36],
  ['some 25 ms every 2 s', { everyMs: [1000, 3000], lastingMs: [5, 25] }, 10, 32],
  ['some 40 ms every 8 s', { everyMs: [5000, 11_000], lastingMs: [20, 40] }, 14, 32],
])('a process that stalls for %s: the buffers settle', (_, load, mostPerMinute, mostDelayMs) => {
  const courses = PHASES.flatMap((phase) => [0, 40, -40].map((ppm) => hear(load, phase, ppm)));
  expect(Math.max(...courses.map(({ changes }) => changes))).toBeLessThanOrEqual(mostPerMinute);
  expect(Math.max(...courses.map(({ concealedMs }) => concealedMs))).toBe(0);
  expect(Math.max(...courses.map(({ meanDelayMs }) => meanDelayMs))).toBeLessThanOrEqual(mostDelayMs);
});
