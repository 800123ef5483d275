import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decoder, Encoder } from '@evan/opus';

const RATE_HZ = 16_000;
const FRAME = RATE_HZ / 50;
const BITRATE_BPS = 24_000;

/** Writes DIRECTORY/1.opus, 2.opus …: whole seconds of a steady tone each, as rtppeer's callees send them. */
export function writeToneReplays(
  directory: string,
  frequenciesHz: readonly number[],
  amplitude: number,
  seconds: number,
): void {
  for (const [i, frequencyHz] of frequenciesHz.entries()) {
    const samples = Int16Array.from({ length: seconds * RATE_HZ }, (_, at) =>
      Math.round(amplitude * Math.sin((2 * Math.PI * frequencyHz * at) / RATE_HZ)),
    );
    writeFileSync(join(directory, `${i + 1}.opus`), encodeReplay(samples));
  }
}

/** Packets of 20 ms of 16 kHz, each with its length before it (16 bits, big-endian). */
export function encodeReplay(samples: Int16Array): Buffer {
  const encoder = new Encoder({ channels: 1, sample_rate: RATE_HZ, application: 'voip' });
  encoder.bitrate = BITRATE_BPS;
  const packets: Buffer[] = [];
  for (let at = 0; at + FRAME <= samples.length; at += FRAME) {
    const packet = Buffer.from(encoder.encode(samples.slice(at, at + FRAME)));
    const length = Buffer.alloc(2);
    length.writeUInt16BE(packet.length);
    packets.push(length, packet);
  }
  return Buffer.concat(packets);
}

/** What such packets sound like, at 8 kHz; silence for each that is empty, which stands for a missing one. */
export function decodeReplay(replay: Buffer): Int16Array {
  const decoder = new Decoder({ channels: 1, sample_rate: 8000 });
  const frames: Int16Array[] = [];
  for (let at = 0; at + 2 <= replay.length; ) {
    const length = replay.readUInt16BE(at);
    const bytes = length === 0 ? new Uint8Array(320) : decoder.decode(replay.subarray(at + 2, at + 2 + length)).slice();
    frames.push(new Int16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1));
    at += 2 + length;
  }
  const samples = new Int16Array(frames.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const frame of frames) {
    samples.set(frame, place);
    place += frame.length;
  }
  return samples;
}
