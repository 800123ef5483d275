import { expect, test } from 'vitest';
import type { FrameDecoder } from '../codec/audio-codec.ts';
import { OPUS } from '../codec/opus-codec.ts';
import { opusLibrary } from '../codec/opus-library.ts';
import { OpusArea } from '../codec/opus-memory.ts';
import { ArrivalReader } from './arrival-reader.ts';
import { AudioReader } from './audio-reader.ts';
import { FallingSilent } from './falling-silent.ts';
import { RtpPacket } from './packet.ts';
import { seededRandom } from './virtual-far-side.ts';

const FRAME = 320;
const APPLICATION_VOIP = 2048;
const SET_BITRATE = 4002;
const SET_COMPLEXITY = 4010;
const SET_DTX = 4016;
const SET_SIGNAL = 4024;
const SIGNAL_VOICE = 3001;

/** Payloads of 20 ms of a quiet room's noise; null: not sent, as Opus needs nothing more (DTX: two octets or less). */
function quietRoom(frames: number): (Uint8Array | null)[] {
  const opus = opusLibrary();
  const encoder = opus.malloc(opus.opus_encoder_get_size(1));
  const [pcm, payload] = [new OpusArea(opus, 2 * FRAME), new OpusArea(opus, 1275)];
  opus.opus_encoder_init(encoder, 16_000, 1, APPLICATION_VOIP);
  opus.opus_encoder_ctl_set(encoder, SET_BITRATE, 16_000);
  opus.opus_encoder_ctl_set(encoder, SET_COMPLEXITY, 5);
  opus.opus_encoder_ctl_set(encoder, SET_SIGNAL, SIGNAL_VOICE);
  opus.opus_encoder_ctl_set(encoder, SET_DTX, 1);
  const random = seededRandom(3);
  let room = 0;
  const packets = Array.from({ length: frames }, () => {
    for (let i = 0; i < FRAME; i++) {
      room = 0.7 * room + (random() - 0.5) * 90;
      pcm.samples[i] = room;
    }
    const length = opus.opus_encode(encoder, pcm.pointer, FRAME, payload.pointer, 1275);
    return length > 2 ? payload.octets.slice(0, length) : null;
  });
  opus.free(encoder);
  return packets;
}

function rtp(payload: Uint8Array, sequence: number, timestamp: number): RtpPacket {
  const bytes = Buffer.alloc(12 + payload.length);
  bytes[0] = 0x80;
  bytes[1] = 111;
  bytes.writeUInt16BE(sequence, 2);
  bytes.writeUInt32BE(timestamp, 4);
  bytes.set(payload, 12);
  const packet = new RtpPacket();
  packet.read(bytes);
  return packet;
}

/** Power of each 20 ms that is heard of such a room, and of two seconds in which nothing comes any more. */
function heard(kind: 'even' | 'at once'): number[] {
  const powers: number[] = [];
  const note = (samples: Int16Array): void => {
    powers.push(samples.subarray(0, FRAME).reduce((sum, sample) => sum + sample * sample, 0) / FRAME);
  };
  const even = new AudioReader(OPUS);
  const atOnce = new ArrivalReader(OPUS, note);
  const frame = new Int16Array(FRAME);
  let sequence = 0;
  for (const [i, payload] of [...quietRoom(300), ...new Array<null>(100).fill(null)].entries()) {
    const nowMs = 1000 + i * 20;
    const packet = payload === null ? null : rtp(payload, sequence++, i * 960);
    if (kind === 'even') {
      if (packet !== null) even.insert(packet, nowMs);
      even.read(frame, FRAME, nowMs + 10);
      note(frame);
    } else {
      if (packet !== null) atOnce.insert(packet, nowMs);
      atOnce.tick(nowMs + 10);
    }
  }
  expect(sequence).toBeLessThan(250);
  return powers;
}

test.each(['even', 'at once'] as const)('%s: the noise of a room that Opus sends now and then goes on', (kind) => {
  const powers = heard(kind);
  const room = powers.slice(20, 290);
  const mean = room.reduce((sum, power) => sum + power, 0) / room.length;
  expect(Math.min(...room)).toBeGreaterThan(mean / 8);
  expect(Math.max(...room)).toBeLessThan(mean * 8);
  expect(Math.max(...powers.slice(375))).toBe(0);
});

function decoder(level: number, knowsNoise: boolean): FrameDecoder {
  return {
    knowsNoise,
    decode: () => 0,
    samplesIn: () => 0,
    conceal: (target, at, n) => void target.fill(level, at, at + n),
  };
}

test.each([
  ['quiet sound of a codec that knows noise goes on for a second and fades', 50, true, 50],
  ['loud sound fades within a frame', 5000, true, 1],
  ['so does sound of other codecs', 50, false, 1],
] as const)('%s', (_, level, knowsNoise, frames) => {
  const pause = new FallingSilent(decoder(level, knowsNoise), 8000);
  const samples = new Int16Array(160);
  expect(pause.write(samples, 0, 160)).toBe(false);
  pause.sounded();
  for (let i = 1; i <= 60; i++) {
    expect(pause.write(samples, 0, 160)).toBe(i <= frames);
    expect(Math.abs(samples[159] as number)).toBeLessThanOrEqual(i < frames ? level : level / 100);
  }
  expect(samples.every((sample) => sample === 0)).toBe(true);
});
