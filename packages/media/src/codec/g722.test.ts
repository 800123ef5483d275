import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { noise } from '../testing/noise.ts';
import { G722Encoder, G722StreamDecoder } from './g722.ts';

/** Sweeps, noise, full scale and silence: everything that drives the adaptation to its limits. */
function signal(): Int16Array {
  const random = noise(1);
  return Int16Array.from({ length: 64_000 }, (_, i) => {
    const part = Math.floor(i / 8000);
    if (part === 3) return 0;
    if (part === 5) return Math.floor(i / 50) % 2 === 0 ? 32_767 : -32_768;
    const sweep = 15_000 * Math.sin((((i % 8000) ** 2 / 8000) * Math.PI) / 2);
    const noisy = random() * (part === 1 ? 32_767 : 3000);
    return Math.trunc(Math.max(-32_768, Math.min(32_767, part % 2 === 0 ? sweep : noisy + sweep / 8)));
  });
}

function anyOctets(): Uint8Array {
  const random = noise(2);
  return Uint8Array.from({ length: 32_000 }, () => Math.floor((random() + 1) * 128));
}

function encode(samples: Int16Array, frame = 320): Uint8Array {
  const encoder = new G722Encoder();
  const octets = new Uint8Array(samples.length / 2);
  for (let at = 0; at < samples.length; at += frame) {
    encoder.encode(samples, at, Math.min(frame, samples.length - at), octets, at / 2);
  }
  return octets;
}

function decode(octets: Uint8Array, frame = 160): Int16Array {
  const decoder = new G722StreamDecoder();
  const samples = new Int16Array(octets.length * 2);
  for (let at = 0; at < octets.length; at += frame) {
    decoder.decode(octets, at, Math.min(frame, octets.length - at), samples, at * 2);
  }
  return samples;
}

function digest(data: Uint8Array | Int16Array): string {
  return createHash('sha256')
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest('hex')
    .slice(0, 32);
}

// What ffmpeg 5.1 makes of the same input; the last two tests compare with an ffmpeg that is there.
test('every bit is that of an independent encoder and decoder', () => {
  expect(digest(signal())).toBe('0d3417f64c41ea7bca2f07ec15b603d3');
  expect(digest(encode(signal()))).toBe('913d65e778a7a37b70c126d94a0ed42c');
  expect(digest(decode(anyOctets()))).toBe('8b80d314c8ffaca72fdd04e785ff510c');
});

test('the state goes on over frames of any length', () => {
  expect(digest(encode(signal(), 2))).toBe(digest(encode(signal(), 960)));
  expect(digest(decode(anyOctets(), 1))).toBe(digest(decode(anyOctets(), 480)));
});

test('works on a window and touches nothing around it', () => {
  const octets = new Uint8Array(6).fill(77);
  expect(new G722Encoder().encode(signal(), 100, 4, octets, 2)).toBe(2);
  expect([...octets].map((octet, at) => (at === 2 || at === 3 ? 0 : octet))).toEqual([77, 77, 0, 0, 77, 77]);
  const samples = new Int16Array(8).fill(7777);
  expect(new G722StreamDecoder().decode(octets, 2, 2, samples, 2)).toBe(4);
  expect([samples[0], samples[1], samples[6], samples[7]]).toEqual([7777, 7777, 7777, 7777]);
});

const ffmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

function convert(input: Uint8Array, ...args: string[]): Uint8Array<ArrayBuffer> {
  const run = spawnSync('ffmpeg', ['-v', 'error', ...args, '-'], { input });
  expect(run.stderr.toString()).toBe('');
  return Uint8Array.from(run.stdout);
}

test.skipIf(!ffmpeg)('encodes as the ffmpeg of this machine does (needs ffmpeg)', () => {
  const samples = new Uint8Array(signal().buffer);
  const theirs = convert(samples, '-f', 's16le', '-ar', '16000', '-ac', '1', '-i', '-', '-c:a', 'g722', '-f', 'g722');
  expect(digest(theirs)).toBe(digest(encode(signal())));
});

test.skipIf(!ffmpeg)('decodes as the ffmpeg of this machine does (needs ffmpeg)', () => {
  const theirs = convert(anyOctets(), '-f', 'g722', '-i', '-', '-f', 's16le');
  expect(digest(new Int16Array(theirs.buffer))).toBe(digest(decode(anyOctets())));
});
