import fc from 'fast-check';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { noise } from '../testing/noise.ts';
import { speak } from '../testing/speech.ts';
import { delayOf, segmentalSnrDb, spectralDistanceDb } from '../testing/speech-quality.ts';
import type { AudioCodec } from './audio-codec.ts';
import { AUDIO_CODECS, codecUnavailability } from './codecs.ts';

vi.setConfig({ testTimeout: 60_000 });

const TEXT = 'The quick brown fox jumps over the lazy dog. She sells sea shells, and we were away a year ago.';
const MOST_DELAY_MS = 10;

const speech = new Map<number, Int16Array>();

beforeAll(async () => {
  const wide = await speak('slt', TEXT, 16_000);
  speech.set(16_000, wide);
  speech.set(8000, await speak('slt', TEXT, 8000));
});

function spoken({ sampleRateHz }: AudioCodec): Int16Array {
  return speech.get(sampleRateHz) ?? new Int16Array(0);
}

function encode(codec: AudioCodec, samples: Int16Array, packetMs: number): Uint8Array[] {
  const encoder = codec.createEncoder();
  const n = (packetMs * codec.sampleRateHz) / 1000;
  const buffer = new Uint8Array(1500);
  const packets: Uint8Array[] = [];
  for (let at = 0; at + n <= samples.length; at += n) {
    const octets = encoder.encode(samples, at, n, buffer, 12);
    packets.push(buffer.slice(12, 12 + octets));
  }
  return packets;
}

/** Decodes, with the packets that `isLost` names treated by `mend`. */
function decode(
  codec: AudioCodec,
  packets: Uint8Array[],
  packetMs: number,
  isLost: (index: number) => boolean = () => false,
  mend: 'conceal' | 'recover' | 'nothing' = 'conceal',
): Int16Array {
  const decoder = codec.createDecoder();
  const n = (packetMs * codec.sampleRateHz) / 1000;
  const sound = new Int16Array(packets.length * n);
  for (const [index, packet] of packets.entries()) {
    const at = index * n;
    if (!isLost(index)) {
      expect(decoder.samplesIn(packet, 0, packet.length)).toBe(n);
      expect(decoder.decode(packet, 0, packet.length, sound, at)).toBe(n);
      continue;
    }
    const next = packets[index + 1];
    const recovers = mend === 'recover' && next !== undefined && !isLost(index + 1);
    if (recovers && decoder.recover?.(next, 0, next.length, sound, at, n) === true) continue;
    if (mend !== 'nothing') decoder.conceal(sound, at, n);
  }
  return sound;
}

test('every codec can be used here', () => {
  for (const name of ['PCMU', 'PCMA', 'G722', 'opus'] as const) expect(codecUnavailability(name)).toBe(null);
});

describe.each([
  { name: 'PCMU', snrDb: 30, distanceDb: 2.5, delayMs: 0 },
  { name: 'PCMA', snrDb: 30, distanceDb: 2.5, delayMs: 0 },
  { name: 'G722', snrDb: 18, distanceDb: 2, delayMs: 1.375 },
  { name: 'opus', snrDb: 15, distanceDb: 2, delayMs: 6.5 },
] as const)('$name', ({ name, snrDb, distanceDb, delayMs }) => {
  const codec = AUDIO_CODECS[name];
  const perMs = codec.sampleRateHz / 1000;

  test.each([10, 20, 40, 60])('carries speech in packets of %s ms', (packetMs) => {
    const original = spoken(codec);
    const sound = decode(codec, encode(codec, original, packetMs), packetMs);
    expect(delayOf(original, sound, MOST_DELAY_MS * perMs)).toBe(delayMs * perMs);
    const aligned = sound.subarray(delayMs * perMs);
    expect(segmentalSnrDb(original, aligned, codec.sampleRateHz)).toBeGreaterThan(snrDb);
    expect(spectralDistanceDb(original, aligned, codec.sampleRateHz, codec.sampleRateHz * 0.44)).toBeLessThan(
      distanceDb,
    );
  });

  test('lost packets are concealed: nearer to the sound in level and spectrum than silence is', () => {
    const packets = encode(codec, spoken(codec), 20);
    const whole = decode(codec, packets, 20);
    const random = noise(7);
    const lost = packets.map(() => random() > 0.8);
    const quality = (mend: 'conceal' | 'nothing') => {
      const sound = decode(codec, packets, 20, (index) => lost[index] === true, mend);
      const n = 20 * perMs;
      const pieces = lost.flatMap((isLost, index) => (isLost ? [index * n] : []));
      const only = (from: Int16Array) => Int16Array.from(pieces.flatMap((at) => [...from.subarray(at, at + n)]));
      return {
        snrDb: segmentalSnrDb(only(whole), only(sound), codec.sampleRateHz),
        distanceDb: spectralDistanceDb(whole, sound, codec.sampleRateHz, codec.sampleRateHz * 0.44),
      };
    };
    const concealed = quality('conceal');
    const silent = quality('nothing');
    expect(concealed.snrDb).toBeGreaterThan(silent.snrDb + 3);
    expect(concealed.distanceDb).toBeLessThan(silent.distanceDb / 2);
  });

  test('a loss that goes on fades to silence, whatever pieces it is asked for in', () => {
    const packets = encode(codec, spoken(codec), 20);
    const pieces = [80, 7, 160, 33, 320, 1, 199];
    const decoder = codec.createDecoder();
    const sound = new Int16Array(codec.sampleRateHz);
    const original = spoken(codec);
    const n = 20 * perMs;
    const energies = packets.map((_, index) =>
      original.subarray(index * n, (index + 1) * n).reduce((sum, sample) => sum + sample * sample, 0),
    );
    const loudest = energies.indexOf(Math.max(...energies));
    for (const packet of packets.slice(0, loudest + 1)) decoder.decode(packet, 0, packet.length, sound, 0);
    let at = 0;
    for (let i = 0; at + 320 < sound.length; i++) {
      const piece = pieces[i % pieces.length] as number;
      decoder.conceal(sound, at, piece);
      at += piece;
    }
    const rms = (from: number, to: number) =>
      Math.sqrt(sound.subarray(from, to).reduce((sum, sample) => sum + sample * sample, 0) / (to - from));
    expect(rms(0, 10 * perMs)).toBeGreaterThan(300);
    expect(rms(400 * perMs, at)).toBeLessThan(rms(0, 10 * perMs) / 20);
  });

  test('whatever comes is decoded without an error and within its room', () => {
    const decoder = codec.createDecoder();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 0, max: 700 }), (bytes, room) => {
        const target = new Int16Array(room + 4).fill(123);
        const n = decoder.decode(bytes, 0, bytes.length, target.subarray(0, room), 2);
        expect(n).toBeGreaterThanOrEqual(0);
        expect(n).toBeLessThanOrEqual(Math.max(0, room - 2));
        expect([...target.subarray(room)]).toEqual([123, 123, 123, 123]);
        expect(decoder.samplesIn(bytes, 0, bytes.length)).toBeGreaterThanOrEqual(n > 0 ? 1 : 0);
      }),
      { numRuns: 200 },
    );
  });
});
