import type { AudioCodec } from '../codec/audio-codec.ts';
import { LossConcealer } from '../dsp/loss-concealer.ts';
import type { AudioReader } from './audio-reader.ts';
import { RtpPacket } from './packet.ts';

/** For tests: 16-bit samples as they are, lost ones concealed as with G.711. */
export function linearCodec(sampleRateHz: 8000 | 16000, clockRateHz: number): AudioCodec {
  return {
    name: 'PCMU',
    clockRateHz,
    sampleRateHz,
    silence: null,
    createEncoder: () => {
      throw new Error('The far side writes its samples itself.');
    },
    createDecoder: () => {
      const concealer = new LossConcealer(sampleRateHz);
      return {
        decode(bytes, at, length, target, targetAt) {
          const n = length >> 1;
          for (let i = 0; i < n; i++) {
            const octet = at + i * 2;
            target[targetAt + i] = (((bytes[octet] as number) << 24) >> 16) | (bytes[octet + 1] as number);
          }
          concealer.heard(target, targetAt, n);
          return n;
        },
        conceal: (target, targetAt, n) => concealer.conceal(target, targetAt, n),
        samplesIn: (_bytes, _at, length) => length >> 1,
      };
    },
  };
}

/** A sequence of numbers from 0 to 1 that is the same every time. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export interface FarSide {
  codec: AudioCodec;
  packetMs: number;
  /** How long packet `index` is under way, in ms; null when it is lost. */
  delayMs: (index: number) => number | null;
  /** The sample at a time, in samples since the start. */
  sample: (at: number) => number;
  /** All packets hold the same. */
  repeats?: boolean;
  /** Whether packet `index` is sent at all; one that is not has no sequence number either. */
  speaks?: (index: number) => boolean;
  /** How much faster than ours its clock runs, in parts per million. */
  driftPpm?: number;
  /** Changes a packet before it goes out. */
  alter?: (packet: RtpPacket, index: number) => void;
}

interface Sent {
  atMs: number;
  index: number;
  number: number;
}

interface Frame {
  atMs: number;
  samples: Int16Array;
  sounds: boolean;
}

/**
 * Plays `durationMs` of a far side through a reader in virtual time, and hands out every 20 ms frame that was read.
 * `handled`: when the process gets to read the frame that is due at a time.
 */
export function listen(
  far: FarSide,
  reader: AudioReader,
  durationMs: number,
  onFrame: (frame: Frame) => void,
  handled: (dueMs: number) => number = (dueMs) => dueMs,
): void {
  const { codec, packetMs } = far;
  const samplesPerPacket = (packetMs * codec.sampleRateHz) / 1000;
  const unitsPerPacket = (packetMs * codec.clockRateHz) / 1000;
  const intervalMs = packetMs / (1 + (far.driftPpm ?? 0) / 1e6);
  const frame = new Int16Array((20 * codec.sampleRateHz) / 1000);
  const onTheWay: Sent[] = [];
  const packet = new RtpPacket();
  packet.bytes = new Uint8Array(samplesPerPacket * 2);
  let sent = 0;
  let sequence = 65_500;
  for (let dueMs = 7; dueMs < durationMs; dueMs += 20) {
    const nowMs = handled(dueMs);
    for (; sent * intervalMs + packetMs <= nowMs; sent++) {
      if (far.speaks?.(sent) === false) continue;
      const number = sequence++;
      const delayMs = far.delayMs(sent);
      if (delayMs === null) continue;
      onTheWay.push({ atMs: sent * intervalMs + packetMs + delayMs, index: sent, number });
    }
    onTheWay.sort((a, b) => a.atMs - b.atMs || a.index - b.index);
    while ((onTheWay[0]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs) {
      const { atMs, index, number } = onTheWay.shift() as Sent;
      for (let i = 0; i < samplesPerPacket && !(far.repeats && packet.payloadLength > 0); i++) {
        const value = Math.round(far.sample(index * samplesPerPacket + i));
        packet.bytes[i * 2] = value >> 8;
        packet.bytes[i * 2 + 1] = value;
      }
      packet.payloadLength = packet.bytes.length;
      packet.ssrc = 1;
      packet.sequence = number & 0xffff;
      packet.timestamp = (0x7fff_f000 + index * unitsPerPacket) | 0;
      far.alter?.(packet, index);
      reader.insert(packet, atMs);
    }
    const sounds = reader.read(frame, frame.length, nowMs);
    onFrame({ atMs: nowMs, samples: frame, sounds });
  }
}
