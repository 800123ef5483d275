import { type Cipheriv, createCipheriv, createSecretKey } from 'node:crypto';

const BLOCK_BYTES = 16;
const MOST_BLOCKS = 256;
/** Packets whose keystream is made together while the sequence numbers run on. */
const PACKETS_AHEAD = 8;

const input = new Uint8Array(MOST_BLOCKS * BLOCK_BYTES);
const inputs: (Uint8Array | undefined)[] = [];

export interface KeystreamOptions {
  key: Uint8Array;
  /** Session salt: 14 octets for counter mode, 12 for GCM. */
  salt: Uint8Array;
  cipher: 'cm' | 'gcm';
}

/**
 * The keystream of one session key for any packet index.
 *
 *     counter mode (RFC 3711 §4.1.1)  0000 | SSRC | 48-bit index |  block counter from 0   xor salt
 *     GCM          (RFC 7714 §8.1)    00 | SSRC | 48-bit index | 32-bit block counter from 1   xor salt
 *
 * A Node cipher object per packet costs more than the encryption. Here one AES object lives as long as the key and
 * encrypts the counter blocks of several packets at once, which is the same thing.
 */
export class Keystream {
  /** Valid from {@link at} until the next {@link seek}. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Where the keystream of the packet begins in {@link bytes}. */
  at = 0;
  readonly #aes: Cipheriv;
  readonly #start = new Uint8Array(BLOCK_BYTES);
  readonly #first = new Uint8Array(BLOCK_BYTES);
  readonly #ssrcAt: number;
  readonly #firstCounter: number;
  #ssrc = 0;
  #roc = 0;
  #sequence = 0;
  #packets = 0;
  #blocks = 0;

  constructor({ key, salt, cipher }: KeystreamOptions) {
    this.#aes = createCipheriv(`aes-${key.length * 8}-ecb`, createSecretKey(key), null).setAutoPadding(false);
    this.#start.set(salt);
    this.#ssrcAt = cipher === 'cm' ? 4 : 2;
    this.#firstCounter = cipher === 'cm' ? 0 : 1;
  }

  /** Makes `blocks` blocks for a packet of these numbers ready at {@link at}. SRTCP splits its index the same way. */
  seek(ssrc: number, roc: number, sequence: number, blocks: number): void {
    const known = ssrc === this.#ssrc && roc === this.#roc;
    const ahead = sequence - this.#sequence;
    if (!known || ahead < 0 || ahead >= this.#packets || blocks > this.#blocks) {
      const runsOn = known && ahead === this.#packets && blocks <= this.#blocks;
      const most = Math.min(PACKETS_AHEAD, 0x10000 - sequence, Math.floor(MOST_BLOCKS / blocks));
      this.#fill(ssrc, roc, sequence, runsOn ? most : 1, blocks);
    }
    this.at = (sequence - this.#sequence) * this.#blocks * BLOCK_BYTES;
  }

  #fill(ssrc: number, roc: number, sequence: number, packets: number, blocks: number): void {
    this.#ssrc = ssrc;
    this.#roc = roc;
    this.#sequence = sequence;
    this.#packets = packets;
    this.#blocks = blocks;
    const first = this.#first;
    let at = 0;
    for (let packet = 0; packet < packets; packet++) {
      first.set(this.#start);
      const index = this.#ssrcAt + 4;
      xorWord(first, this.#ssrcAt, ssrc);
      xorWord(first, index, roc);
      xorWord(first, index + 2, sequence + packet);
      for (let counter = this.#firstCounter; counter < this.#firstCounter + blocks; counter++) {
        input.set(first, at);
        xorWord(input, at + 12, counter);
        at += BLOCK_BYTES;
      }
    }
    const made = this.#aes.update(inputOf(at));
    // What stays would otherwise outlive the young generation's collections, and cost more than it did to make.
    if (this.bytes.length < at) this.bytes = new Uint8Array(at);
    this.bytes.set(made);
  }
}

function xorWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = (bytes[at] as number) ^ (value >>> 24);
  bytes[at + 1] = (bytes[at + 1] as number) ^ ((value >>> 16) & 0xff);
  bytes[at + 2] = (bytes[at + 2] as number) ^ ((value >>> 8) & 0xff);
  bytes[at + 3] = (bytes[at + 3] as number) ^ (value & 0xff);
}

function inputOf(length: number): Uint8Array {
  const blocks = length / BLOCK_BYTES;
  inputs[blocks] ??= input.subarray(0, length);
  return inputs[blocks];
}
