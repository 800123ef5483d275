import { readWord, writeWord } from './big-endian.ts';

const BLOCK_BYTES = 64;

/** The five words of a SHA-1 state (FIPS 180-4 §5.3.1). */
export const SHA1_START: readonly number[] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476, 0xc3d2e1f0 | 0];

// One packet after the other: one schedule for the whole thread.
const schedule = new Int32Array(80);

/** Takes one 64-byte block into a state (FIPS 180-4 §6.1.2). */
export function compressSha1(state: Int32Array, bytes: Uint8Array, at: number): void {
  const w = schedule;
  for (let i = 0, j = at; i < 16; i++, j += 4) {
    w[i] = readWord(bytes, j);
  }
  for (let i = 16; i < 80; i++) {
    const x = (w[i - 3] as number) ^ (w[i - 8] as number) ^ (w[i - 14] as number) ^ (w[i - 16] as number);
    w[i] = (x << 1) | (x >>> 31);
  }
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  let i = 0;
  for (; i < 20; i++) {
    const next = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + e + 0x5a827999 + (w[i] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (; i < 40; i++) {
    const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + 0x6ed9eba1 + (w[i] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (; i < 60; i++) {
    const next = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + e - 0x70e44324 + (w[i] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (; i < 80; i++) {
    const next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e - 0x359d3e2a + (w[i] as number)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0] = ((state[0] as number) + a) | 0;
  state[1] = ((state[1] as number) + b) | 0;
  state[2] = ((state[2] as number) + c) | 0;
  state[3] = ((state[3] as number) + d) | 0;
  state[4] = ((state[4] as number) + e) | 0;
}

const tail = new Uint8Array(2 * BLOCK_BYTES);
const inner = new Int32Array(5);
const outer = new Int32Array(5);

/**
 * HMAC-SHA1 (RFC 2104) under one key. Node makes a new object per message, which costs more than the work itself; here
 * the two key blocks are taken in once, and a message costs its own blocks and one more. Nothing depends on the data.
 */
export class HmacSha1 {
  readonly #inner = Int32Array.from(SHA1_START);
  readonly #outer = Int32Array.from(SHA1_START);

  /** @throws RangeError for keys of more than 64 bytes, which SRTP does not have. */
  constructor(key: Uint8Array) {
    if (key.length > BLOCK_BYTES) throw new RangeError(`An HMAC key of ${key.length} bytes is longer than a block`);
    const block = new Uint8Array(BLOCK_BYTES);
    for (let i = 0; i < BLOCK_BYTES; i++) block[i] = (key[i] ?? 0) ^ 0x36;
    compressSha1(this.#inner, block, 0);
    for (let i = 0; i < BLOCK_BYTES; i++) block[i] = (key[i] ?? 0) ^ 0x5c;
    compressSha1(this.#outer, block, 0);
  }

  /** The MAC of the first `length` bytes followed by a 32-bit number, into 20 bytes of `target`. */
  sign(bytes: Uint8Array, length: number, suffix: number, target: Uint8Array, targetAt: number): void {
    inner.set(this.#inner);
    let at = 0;
    for (; at + BLOCK_BYTES <= length; at += BLOCK_BYTES) compressSha1(inner, bytes, at);
    tail.fill(0);
    let n = 0;
    for (; at < length; at++) tail[n++] = bytes[at] as number;
    writeWord(tail, n, suffix);
    tail[n + 4] = 0x80;
    const blocks = n + 5 + 8 > BLOCK_BYTES ? 2 : 1;
    writeWord(tail, blocks * BLOCK_BYTES - 4, (BLOCK_BYTES + length + 4) * 8);
    compressSha1(inner, tail, 0);
    if (blocks === 2) compressSha1(inner, tail, BLOCK_BYTES);
    tail.fill(0);
    for (let i = 0; i < 5; i++) writeWord(tail, i * 4, inner[i] as number);
    tail[20] = 0x80;
    writeWord(tail, BLOCK_BYTES - 4, (BLOCK_BYTES + 20) * 8);
    outer.set(this.#outer);
    compressSha1(outer, tail, 0);
    for (let i = 0; i < 5; i++) writeWord(target, targetAt + i * 4, outer[i] as number);
  }
}
