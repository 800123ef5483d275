import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { ALAW_SILENCE, decodeAlaw, decodeMulaw, encodeAlaw, encodeMulaw, MULAW_SILENCE } from './g711.ts';

type Decode = typeof decodeMulaw;
type Encode = typeof encodeMulaw;

const everySample = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);
const everyOctet = Uint8Array.from({ length: 256 }, (_, i) => i);

function expandAll(decode: Decode): Int16Array {
  const samples = new Int16Array(256);
  decode(everyOctet, 0, samples, 0, 256);
  return samples;
}

function compressAll(encode: Encode): Uint8Array {
  const octets = new Uint8Array(65_536);
  encode(everySample, 0, octets, 0, 65_536);
  return octets;
}

const at = (samples: ArrayLike<number>, index: number): number => samples[index] ?? Number.NaN;

const laws = [
  { name: 'mulaw', decode: decodeMulaw, encode: encodeMulaw, silence: MULAW_SILENCE, peak: 32_124, smallest: 0 },
  { name: 'alaw', decode: decodeAlaw, encode: encodeAlaw, silence: ALAW_SILENCE, peak: 32_256, smallest: 8 },
];

describe.each(laws)('G.711 $name', ({ name, decode, encode, silence, peak, smallest }) => {
  const values = expandAll(decode);
  const octets = compressAll(encode);

  test('spans the range of the standard and is symmetric about zero', () => {
    expect(Math.max(...values)).toBe(peak);
    expect(Math.min(...values)).toBe(-peak);
    expect(at(values, silence)).toBe(smallest);
    for (let octet = 0; octet < 256; octet++) {
      expect(at(values, octet) + at(values, octet ^ 0x80)).toBe(0);
    }
    expect(at(octets, 32_768)).toBe(silence);
  });

  test('an octet survives decoding and encoding again', () => {
    for (let octet = 0; octet < 256; octet++) {
      const again = at(octets, at(values, octet) + 32_768);
      // µ-law alone has a negative zero, which linear samples cannot tell from zero.
      const expected = name === 'mulaw' && octet === 0x7f ? 0xff : octet;
      expect(again).toBe(expected);
    }
  });

  test('every sample goes to a value within half a step of it, rising with the sample', () => {
    const falling: number[] = [];
    const far: number[] = [];
    let previous = -Infinity;
    for (let i = 0; i < 65_536; i++) {
      const sample = i - 32_768;
      const value = at(values, at(octets, i));
      if (value < previous) falling.push(sample);
      previous = value;
      // A step is 1/16 of a segment of at least 2^5 units; half of it is at most 1/32 of the value, above the floor.
      const halfStep = Math.max(8, (Math.abs(value) + 132) / 32);
      if (Math.abs(sample) <= peak && Math.abs(sample - value) > halfStep) far.push(sample);
    }
    expect(falling).toEqual([]);
    expect(far).toEqual([]);
  });

  test('works on a window and touches nothing around it', () => {
    const target = new Int16Array(6).fill(77);
    decode(Uint8Array.of(1, 2, 3, 4), 1, target, 3, 2);
    expect([...target]).toEqual([77, 77, 77, at(values, 2), at(values, 3), 77]);
    const encoded = new Uint8Array(5).fill(9);
    encode(Int16Array.of(0, -5000, 5000, 0), 1, encoded, 2, 2);
    expect([...encoded]).toEqual([9, 9, at(octets, 32_768 - 5000), at(octets, 32_768 + 5000), 9]);
  });

  const ffmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
  test.skipIf(!ffmpeg)('decodes every octet as ffmpeg does (needs ffmpeg)', () => {
    const args = ['-v', 'error', '-f', name, '-ar', '8000', '-ac', '1', '-i', '-', '-f', 's16le', '-'];
    const run = spawnSync('ffmpeg', args, { input: everyOctet });
    expect(run.status).toBe(0);
    expect([...new Int16Array(Uint8Array.from(run.stdout).buffer)]).toEqual([...values]);
  });

  test.skipIf(!ffmpeg)('encodes every sample as ffmpeg does, or to the next value at a decision (needs ffmpeg)', () => {
    const args = ['-v', 'error', '-f', 's16le', '-ar', '8000', '-ac', '1', '-i', '-', '-f', name, '-'];
    const run = spawnSync('ffmpeg', args, { input: new Uint8Array(everySample.buffer) });
    expect(run.status).toBe(0);
    const ordered = [...values].sort((a, b) => a - b);
    let different = 0;
    for (let i = 0; i < 65_536; i++) {
      const ours = at(values, at(octets, i));
      const theirs = at(values, at(run.stdout, i));
      if (ours === theirs) continue;
      different++;
      expect(Math.abs(ordered.indexOf(ours) - ordered.indexOf(theirs))).toBeLessThanOrEqual(2);
    }
    // ffmpeg rounds to the nearest value; the standard's decision at a segment's end lies a quarter step lower.
    expect(different).toBeLessThan(1700);
  });
});
