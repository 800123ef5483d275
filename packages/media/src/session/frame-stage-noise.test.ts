import { expect, test } from 'vitest';
import { encodeMulaw } from '../codec/g711.ts';
import { RTP_HEADER_BYTES, RtpPacket, writeRtpHeader } from '../rtp/packet.ts';
import { FrameStage } from './frame-stage.ts';

const fail = (error: unknown) => {
  throw error;
};
const FRAME = 160;
const COMFORT_NOISE = 13;

function packet(payload: Uint8Array, payloadType: number, sequence: number, timestamp: number): RtpPacket {
  const bytes = new Uint8Array(RTP_HEADER_BYTES + payload.length);
  writeRtpHeader(bytes, false, payloadType, sequence, timestamp, 1);
  bytes.set(payload, RTP_HEADER_BYTES);
  const read = new RtpPacket();
  expect(read.read(bytes)).toBe(true);
  return read;
}

/** Frames of a far side that speaks for 25 frames, describes its pause by `noise`, then speaks again. */
function hear(noise: number[] | null): { levelDbov: number; sounds: boolean }[] {
  const frames: { levelDbov: number; sounds: boolean }[] = [];
  const stage = new FrameStage({ start: () => {}, stop: () => {} }, fail);
  stage.addSink({
    frame(samples, n, _rate, sounds) {
      const power = samples.subarray(0, n).reduce((sum, sample) => sum + sample * sample, 0) / n;
      frames.push({ levelDbov: 10 * Math.log10(power / 32_767 ** 2 + 1e-12), sounds });
    },
  });
  const tone = Int16Array.from({ length: FRAME }, (_, i) => 8000 * Math.sin((Math.PI * i) / 8));
  const octets = new Uint8Array(FRAME);
  encodeMulaw(tone, 0, octets, 0, FRAME);
  let sequence = 100;
  for (let frame = 0; frame < 100; frame++) {
    const speaks = frame < 25 || frame >= 75;
    if (speaks) stage.insert(packet(octets, 0, sequence++, frame * FRAME), 'PCMU', frame * 20);
    else if (frame === 25) {
      const pause = packet(Uint8Array.from(noise ?? [127]), COMFORT_NOISE, sequence++, frame * FRAME);
      if (noise === null) stage.insertPause(pause, frame * 20);
      else stage.insertNoise(pause, frame * 20);
    }
    stage.pull(frame * 20 + 5);
  }
  return frames;
}

test('a far side that describes its pauses is heard so, not as dead silence', () => {
  const pause = hear([45]).slice(40, 70);
  expect(pause.every(({ sounds }) => sounds)).toBe(true);
  const mean = pause.reduce((sum, { levelDbov }) => sum + levelDbov, 0) / pause.length;
  expect(Math.abs(mean + 45)).toBeLessThan(1);
});

test('the noise ends on hold, and when nothing came for long', () => {
  for (const ends of ['hold', 'nothing']) {
    const stage = new FrameStage({ start: () => {}, stop: () => {} }, fail);
    stage.setMixed(true);
    stage.insert(packet(new Uint8Array(FRAME).fill(255), 0, 1, 0), 'PCMU', 0);
    stage.insertNoise(packet(Uint8Array.of(45), COMFORT_NOISE, 2, FRAME), 20);
    const last = () => {
      stage.pull(15_019);
      return stage.sounds;
    };
    expect(last()).toBe(true);
    if (ends === 'hold') stage.endNoise();
    else stage.pull(15_020);
    expect(stage.sounds && last()).toBe(false);
  }
});

test('a far side that describes nothing is silent, and speech is untouched by the noise', () => {
  const [silent, noisy] = [hear(null), hear([45])];
  expect(silent.slice(40, 70).every(({ levelDbov, sounds }) => !sounds && levelDbov < -100)).toBe(true);
  for (const [from, to] of [
    [8, 24],
    [82, 100],
  ]) {
    expect(noisy.slice(from, to)).toEqual(silent.slice(from, to));
  }
});
