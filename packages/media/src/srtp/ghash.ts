import { readWord, writeWord } from './big-endian.ts';

/** One entry: what 4 bits shifted out of a 128-bit number become modulo the GCM polynomial, in the top 16 bits. */
const REDUCTION = makeReduction();

/**
 * GHASH (NIST SP 800-38D §6.4) with a table of the 16 small multiples of the hash key. A table of 256 needs half the
 * steps, but fills 4 kB per key: with hundreds of calls it is never in the cache when it is needed.
 */
export class Ghash {
  readonly #table = new Int32Array(16 * 4);
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** `key` is the encrypted block of zeros. */
  constructor(key: Uint8Array) {
    const table = this.#table;
    let [a, b, c, d] = [0, 4, 8, 12].map((at) => readWord(key, at)) as [number, number, number, number];
    for (let bit = 8; bit > 0; bit >>= 1) {
      table.set([a, b, c, d], bit * 4);
      const carry = d & 1;
      d = (d >>> 1) | (c << 31);
      c = (c >>> 1) | (b << 31);
      b = (b >>> 1) | (a << 31);
      a = (a >>> 1) ^ (carry === 0 ? 0 : 0xe1000000 | 0);
    }
    for (let high = 2; high < 16; high <<= 1) {
      for (let low = 1; low < high; low++) {
        for (let word = 0; word < 4; word++) {
          table[(high + low) * 4 + word] = (table[high * 4 + word] as number) ^ (table[low * 4 + word] as number);
        }
      }
    }
  }

  reset(): void {
    this.#a = 0;
    this.#b = 0;
    this.#c = 0;
    this.#d = 0;
  }

  /** Takes `length` bytes, filled up with zeros to whole blocks. */
  update(bytes: Uint8Array, from: number, length: number): void {
    const end = from + length;
    let at = from;
    for (; at + 16 <= end; at += 16) {
      this.#block(readWord(bytes, at), readWord(bytes, at + 4), readWord(bytes, at + 8), readWord(bytes, at + 12));
    }
    if (at === end) return;
    const left = end - at;
    this.#block(
      readPartialWord(bytes, at, left),
      readPartialWord(bytes, at + 4, left - 4),
      readPartialWord(bytes, at + 8, left - 8),
      readPartialWord(bytes, at + 12, left - 12),
    );
  }

  /** Takes the block of the two lengths in bytes, and writes the hash into 16 bytes of `target`. */
  finish(associatedLength: number, textLength: number, target: Uint8Array): void {
    this.#block(0, associatedLength * 8, 0, textLength * 8);
    writeWord(target, 0, this.#a);
    writeWord(target, 4, this.#b);
    writeWord(target, 8, this.#c);
    writeWord(target, 12, this.#d);
  }

  #block(p: number, q: number, r: number, s: number): void {
    const table = this.#table;
    const words = block;
    words[0] = this.#a ^ p;
    words[1] = this.#b ^ q;
    words[2] = this.#c ^ r;
    words[3] = this.#d ^ s;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    for (let word = 3; word >= 0; word--) {
      const x = words[word] as number;
      for (let shift = 0; shift < 32; shift += 4) {
        const out = d & 0xf;
        const entry = ((x >>> shift) & 0xf) << 2;
        d = ((d >>> 4) | (c << 28)) ^ (table[entry + 3] as number);
        c = ((c >>> 4) | (b << 28)) ^ (table[entry + 2] as number);
        b = ((b >>> 4) | (a << 28)) ^ (table[entry + 1] as number);
        a = (a >>> 4) ^ (REDUCTION[out] as number) ^ (table[entry] as number);
      }
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }
}

const block = new Int32Array(4);

function makeReduction(): Int32Array {
  const table = new Int32Array(16);
  for (let nibble = 0; nibble < 16; nibble++) {
    let low = nibble;
    let high = 0;
    for (let i = 0; i < 4; i++) {
      const carry = low & 1;
      low >>>= 1;
      high = (high >>> 1) ^ (carry === 0 ? 0 : 0xe1000000 | 0);
    }
    table[nibble] = high;
  }
  return table;
}

function readPartialWord(bytes: Uint8Array, at: number, left: number): number {
  let word = 0;
  for (let i = 0; i < 4; i++) word = (word << 8) | (i < left ? (bytes[at + i] as number) : 0);
  return word;
}
