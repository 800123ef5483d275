import { beforeEach, expect, test } from 'vitest';
import { PCMU } from '../codec/g711-codec.ts';
import { RtpPacket, writeRtpHeader } from '../rtp/packet.ts';
import { FrameStage } from './frame-stage.ts';

let clocked: Set<FrameStage>;
let stage: FrameStage;
let nowMs: number;
let failures: unknown[];

beforeEach(() => {
  clocked = new Set();
  nowMs = 0;
  failures = [];
  stage = new FrameStage({ start: (one) => clocked.add(one), stop: (one) => clocked.delete(one) }, (error) =>
    failures.push(error),
  );
});

function sink() {
  const heard: number[] = [];
  return {
    heard,
    frame: (samples: Int16Array, n: number, _rate: number, sounds: boolean) =>
      heard.push(sounds ? Math.max(...samples.subarray(0, n)) : -1),
  };
}

/** A packet of a constant sample comes in and a frame is made, so many times. */
function run(frames: number): void {
  const bytes = new Uint8Array(172);
  const packet = new RtpPacket();
  for (let i = 0; i < frames; i++, nowMs += 20) {
    PCMU.createEncoder().encode(new Int16Array(160).fill(1000), 0, 160, bytes, 12);
    writeRtpHeader(bytes, false, 0, nowMs / 20, nowMs * 8, 5);
    packet.read(bytes);
    if (stage.active) stage.insert(packet, 'PCMU', nowMs);
    for (const one of clocked) one.tick(0, nowMs + 7);
  }
}

test('frames are made only while somebody wants them, once for all sinks, and by the mix while there is one', () => {
  expect(stage.active).toBe(false);
  const [a, b] = [sink(), sink()];
  stage.addSink(a);
  stage.addSink(b);
  expect(clocked.size).toBe(1);
  run(10);
  expect(a.heard).toEqual(b.heard);
  expect(a.heard.length).toBe(10);
  expect(a.heard.at(-1)).toBeGreaterThan(900);

  stage.setMixed(true);
  expect(clocked.size).toBe(0);
  stage.pull(nowMs);
  expect(a.heard.length).toBe(11);
  stage.removeSink(a);
  stage.setMixed(false);
  expect(clocked.size).toBe(1);
  stage.removeSink(b);
  stage.removeSink(b);
  expect(clocked.size).toBe(0);
  expect(stage.active).toBe(false);
  run(3);
  expect(stage.sounds).toBe(false);

  stage.setMixed(true);
  expect(clocked.size).toBe(0);
  stage.setMixed(false);
  expect(stage.active).toBe(false);
});

test('an error of who takes the sound is told, and not thrown into the clock of all sessions', () => {
  const error = new Error('The disk is full');
  stage.addSink({
    frame() {
      throw error;
    },
  });
  run(1);
  expect(failures).toEqual([error]);
});
