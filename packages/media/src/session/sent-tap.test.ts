import { expect, test } from 'vitest';
import { PCMU } from '../codec/g711-codec.ts';
import { G722 } from '../codec/g722-codec.ts';
import { SentTap } from './sent-tap.ts';

function make() {
  const pieces: { n: number; sampleRateHz: number; atMs: number }[] = [];
  const digits: number[] = [];
  const clock = { nowMs: 1000 };
  const sink = {
    sent: (_samples: Int16Array, n: number, sampleRateHz: number, atMs: number) => {
      pieces.push({ n, sampleRateHz, atMs });
    },
    sentDigit: (nowMs: number) => {
      digits.push(nowMs);
    },
  };
  return { tap: new SentTap(sink, () => clock.nowMs), pieces, digits, clock };
}

const PAYLOAD = new Uint8Array(160).fill(0xff);

test('packets lie where their timestamps say, whenever they were sent', () => {
  const { tap, pieces, clock } = make();
  // A relay that trembles, over a wrap of the timestamps, with one packet lost; then a worker that stood still.
  let timestamp = 0x7fff_ff80;
  for (const [lateMs, skip] of [
    [0, 0],
    [15, 0],
    [3, 1],
    [0, 0],
    [190, 0],
    [170, 0],
  ] as const) {
    clock.nowMs = 1000 + lateMs + pieces.length * 20;
    timestamp = (timestamp + 160 * skip) | 0;
    tap.audio(PCMU, PAYLOAD, 0, 160, timestamp);
    timestamp = (timestamp + 160) | 0;
  }
  expect(pieces.map(({ atMs }) => atMs)).toEqual([1000, 1020, 1060, 1080, 1100, 1120]);
});

test('timestamps that have left the clock, and those of another codec, are set to it', () => {
  const { tap, pieces, digits, clock } = make();
  tap.audio(PCMU, PAYLOAD, 0, 160, 0);
  clock.nowMs = 9000;
  tap.audio(PCMU, PAYLOAD, 0, 160, 160);
  tap.audio(PCMU, PAYLOAD, 0, 160, 320);
  clock.nowMs = 9050;
  tap.audio(G722, PAYLOAD, 0, 160, 480);
  tap.digit();
  expect(pieces).toEqual([
    { n: 160, sampleRateHz: 8000, atMs: 1000 },
    { n: 160, sampleRateHz: 8000, atMs: 9000 },
    { n: 160, sampleRateHz: 8000, atMs: 9020 },
    { n: 320, sampleRateHz: 16_000, atMs: 9050 },
  ]);
  expect(digits).toEqual([9050]);
});
