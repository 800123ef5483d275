import { describe, expect, test } from 'vitest';
import { encodeAlaw, encodeMulaw } from '../codec/g711.ts';
import { readWav } from './wav-reader.ts';
import { writeWav } from './wav-writer.ts';

const LONG = 600_000;
const source = Int16Array.from({ length: 800 }, (_, i) => Math.round(9000 * Math.sin(i / 3)));

type Chunk = [name: string, body: Uint8Array, padded?: boolean];

function riff(...chunks: Chunk[]): Uint8Array {
  const parts: number[] = [...Buffer.from('RIFF\0\0\0\0WAVE', 'latin1')];
  for (const [name, body, padded = true] of chunks) {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(body.length);
    parts.push(...Buffer.from(name, 'latin1'), ...size, ...body);
    if (padded && body.length % 2 === 1) parts.push(0);
  }
  return Uint8Array.from(parts);
}

function fmt(tag: number, channels: number, rate: number, bits: number, subFormat?: number): Chunk {
  const body = Buffer.alloc(subFormat === undefined ? 16 : 40);
  body.writeUInt16LE(tag, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt16LE(bits, 14);
  if (subFormat !== undefined) body.writeUInt16LE(subFormat, 24);
  return ['fmt ', body];
}

/** Each sample written by a Buffer method. */
function data(bytesEach: number, write: (buffer: Buffer, sample: number, offset: number) => void): Chunk {
  const buffer = Buffer.alloc(source.length * bytesEach);
  source.forEach((sample, i) => {
    write(buffer, sample, i * bytesEach);
  });
  return ['data', buffer];
}

const pcm16 = data(2, (buffer, sample, offset) => buffer.writeInt16LE(sample, offset));

function law(encode: typeof encodeMulaw): Chunk {
  const octets = new Uint8Array(source.length);
  encode(source, 0, octets, 0, source.length);
  return ['data', octets];
}

function largestError(file: Uint8Array): number {
  const read = readWav(file, LONG);
  expect(read?.sampleRateHz).toBe(8000);
  expect(read?.samples.length).toBe(source.length);
  return Math.max(...source.map((sample, i) => Math.abs(sample - (read?.samples[i] ?? 1e9))));
}

describe('WAV reader', () => {
  test('reads what the writer wrote', () => {
    expect(largestError(writeWav(source, 8000))).toBe(0);
    const stereo = Int16Array.of(100, 300, -5, -7);
    expect(readWav(writeWav(stereo, 44_100, 2), LONG)).toEqual({
      samples: Int16Array.of(200, -6),
      sampleRateHz: 44_100,
    });
  });

  test('reads every width and law', () => {
    const u8 = data(1, (buffer, sample, offset) => buffer.writeUInt8((sample >> 8) + 128, offset));
    const s24 = data(3, (buffer, sample, offset) => buffer.writeIntLE(sample * 256, offset, 3));
    const s32 = data(4, (buffer, sample, offset) => buffer.writeInt32LE(sample * 65_536, offset));
    const f32 = data(4, (buffer, sample, offset) => buffer.writeFloatLE(sample / 32_768, offset));
    const f64 = data(8, (buffer, sample, offset) => buffer.writeDoubleLE(sample / 32_768, offset));
    expect(largestError(riff(fmt(1, 1, 8000, 8), u8))).toBeLessThan(256);
    expect(largestError(riff(fmt(1, 1, 8000, 24), s24))).toBe(0);
    expect(largestError(riff(fmt(1, 1, 8000, 32), s32))).toBe(0);
    expect(largestError(riff(fmt(3, 1, 8000, 32), f32))).toBe(0);
    expect(largestError(riff(fmt(3, 1, 8000, 64), f64))).toBe(0);
    expect(largestError(riff(fmt(0xfffe, 1, 8000, 16, 1), pcm16))).toBe(0);
    expect(largestError(riff(fmt(7, 1, 8000, 8), law(encodeMulaw)))).toBeLessThan(300);
    expect(largestError(riff(fmt(6, 1, 8000, 8), law(encodeAlaw)))).toBeLessThan(300);
  });

  test('passes over other chunks, with and without padding', () => {
    const list: Chunk = ['LIST', new Uint8Array(7)];
    const unpadded: Chunk = ['LIST', new Uint8Array(7), false];
    expect(largestError(riff(list, fmt(1, 1, 8000, 16), list, pcm16))).toBe(0);
    expect(largestError(riff(fmt(1, 1, 8000, 16), unpadded, pcm16))).toBe(0);
  });

  test('reads files with placeholder lengths and cut files to their end', () => {
    for (const placeholder of [0, 0xffff_ffff]) {
      const file = writeWav(source, 8000);
      new DataView(file.buffer).setUint32(40, placeholder, true);
      expect(largestError(file)).toBe(0);
    }
    expect(readWav(writeWav(source, 8000).subarray(0, 44 + 201), LONG)?.samples.length).toBe(100);
  });

  test('clips and silences floats that are out of range or no numbers', () => {
    const floats = Buffer.alloc(16);
    [2, -2, Number.NaN, Number.POSITIVE_INFINITY].forEach((value, i) => {
      floats.writeFloatLE(value, i * 4);
    });
    const read = readWav(riff(fmt(3, 1, 8000, 32), ['data', floats]), LONG);
    expect([...(read?.samples ?? [])]).toEqual([32_767, -32_768, 0, 32_767]);
  });

  test('leaves other codecs to others, and says what is wrong with a header', () => {
    expect(readWav(riff(fmt(0x11, 1, 8000, 4), pcm16), LONG)).toBeNull();
    expect(() => readWav(riff(fmt(1, 0, 8000, 16), pcm16), LONG)).toThrow('claims 0 channels');
    expect(() => readWav(riff(pcm16), LONG)).toThrow('no "fmt " chunk');
    expect(() => readWav(riff(fmt(1, 1, 8000, 16)), LONG)).toThrow('no "data" chunk');
    expect(() => readWav(riff(['fmt ', new Uint8Array(4)], pcm16), LONG)).toThrow('too short');
    expect(() => readWav(writeWav(source, 8000), 50)).toThrow('lasts 0.1 s; the limit is 0.05 s');
  });
});
