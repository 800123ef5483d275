import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decoder, Encoder } from '@evan/opus';
import { alawDecode, ulawDecode } from '../../e2e/lib/g711.ts';
import { AUDIO_CODECS } from '../../packages/media/src/codec/codecs.ts';
import { resample } from '../../packages/media/src/dsp/resample.ts';
import type { BenchCodec } from './sipp-scenario.ts';

/** A steady tone in one codec. */
export interface Tone {
  codec: BenchCodec;
  /** Whole Hz, so that it goes on where the file begins again. */
  frequencyHz: number;
}

const RATE_HZ = 16_000;
const HEARD_RATE_HZ = 8000;
const FRAMES_PER_SECOND = 50;
const OPUS_BITRATE_BPS = 24_000;

/** Writes DIRECTORY/1.CODEC, 2.CODEC …: whole seconds of a tone each, as rtppeer's callers send them. */
export function writeToneReplays(directory: string, tones: readonly Tone[], amplitude: number, seconds: number): void {
  for (const [i, { codec, frequencyHz }] of tones.entries()) {
    const samples = Int16Array.from({ length: seconds * RATE_HZ }, (_, at) =>
      Math.round(amplitude * Math.sin((2 * Math.PI * frequencyHz * at) / RATE_HZ)),
    );
    writeFileSync(join(directory, `${i + 1}.${codec.toLowerCase()}`), encodeReplay(codec, samples));
  }
}

/** Packets of 20 ms from samples of 16 kHz, each with its length before it (16 bits, big-endian). */
export function encodeReplay(codec: BenchCodec, samples: Int16Array): Buffer {
  const packets: Buffer[] = [];
  for (const packet of codec === 'opus' ? opusPackets(samples) : octetPackets(codec, samples)) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(packet.length);
    packets.push(length, packet);
  }
  return Buffer.concat(packets);
}

/** Not by the server's own library, whose mistakes it would make itself. */
function* opusPackets(samples: Int16Array): Generator<Buffer> {
  const encoder = new Encoder({ channels: 1, sample_rate: RATE_HZ, application: 'voip' });
  encoder.bitrate = OPUS_BITRATE_BPS;
  for (const frame of framesOf(samples, RATE_HZ)) yield Buffer.from(encoder.encode(frame));
}

function* octetPackets(codec: Exclude<BenchCodec, 'opus'>, samples: Int16Array): Generator<Buffer> {
  const { sampleRateHz, createEncoder } = AUDIO_CODECS[codec];
  const encoder = createEncoder();
  const packet = Buffer.alloc(HEARD_RATE_HZ / FRAMES_PER_SECOND);
  for (const frame of framesOf(resample(samples, RATE_HZ, sampleRateHz), sampleRateHz)) {
    yield Buffer.from(packet.subarray(0, encoder.encode(frame, 0, frame.length, packet, 0)));
  }
}

function* framesOf(samples: Int16Array, rateHz: number): Generator<Int16Array> {
  const n = rateHz / FRAMES_PER_SECOND;
  for (let at = 0; at + n <= samples.length; at += n) yield samples.slice(at, at + n);
}

/** What such packets sound like, at 8 kHz; silence for each that is empty, which stands for a missing one. */
export function decodeReplay(codec: BenchCodec, replay: Buffer): Int16Array {
  const payloads: Buffer[] = [];
  for (let at = 0; at + 2 <= replay.length; ) {
    const length = replay.readUInt16BE(at);
    payloads.push(replay.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  if (codec === 'PCMU') return joined(payloads, HEARD_RATE_HZ, (payload) => Int16Array.from(payload, ulawDecode));
  if (codec === 'PCMA') return joined(payloads, HEARD_RATE_HZ, (payload) => Int16Array.from(payload, alawDecode));
  if (codec === 'G722') {
    const decoder = AUDIO_CODECS.G722.createDecoder();
    const heard = joined(payloads, RATE_HZ, (payload) => {
      const frame = new Int16Array(2 * payload.length);
      decoder.decode(payload, 0, payload.length, frame, 0);
      return frame;
    });
    return resample(heard, RATE_HZ, HEARD_RATE_HZ);
  }
  const decoder = new Decoder({ channels: 1, sample_rate: HEARD_RATE_HZ });
  return joined(payloads, HEARD_RATE_HZ, (payload) => {
    const bytes = decoder.decode(payload).slice();
    return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1);
  });
}

function joined(payloads: readonly Buffer[], rateHz: number, decode: (payload: Buffer) => Int16Array): Int16Array {
  const missing = new Int16Array(rateHz / FRAMES_PER_SECOND);
  const frames = payloads.map((payload) => (payload.length === 0 ? missing : decode(payload)));
  const samples = new Int16Array(frames.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const frame of frames) {
    samples.set(frame, place);
    place += frame.length;
  }
  return samples;
}
