import { createCipheriv, createSecretKey } from 'node:crypto';
import { readWord, writeWord } from './big-endian.ts';
import { Ghash } from './ghash.ts';
import type { SessionKeys } from './key-derivation.ts';
import { Keystream } from './keystream.ts';
import { copyStart, sameBytes, xorInto } from './octets.ts';
import type { PacketNumbers, SrtpTransform } from './transform.ts';

const WORD_BYTES = 4;
const TAG_BYTES = 16;
const BLOCK_BYTES = 16;

const tag = new Uint8Array(TAG_BYTES);
const associated = new Uint8Array(2048);

/** AES-GCM (RFC 7714): the header is authenticated with the text; in SRTCP the index word behind the tag is too. */
export class AesGcmTransform implements SrtpTransform {
  readonly #keystream: Keystream;
  readonly #ghash: Ghash;

  constructor({ key, salt }: SessionKeys) {
    this.#keystream = new Keystream({ key, salt, cipher: 'gcm' });
    const aes = createCipheriv(`aes-${key.length * 8}-ecb`, createSecretKey(key), null);
    this.#ghash = new Ghash(aes.update(new Uint8Array(BLOCK_BYTES)));
  }

  seal(
    packet: Uint8Array,
    headerBytes: number,
    numbers: PacketNumbers,
    trailer: number | null,
    target: Uint8Array,
  ): number {
    const length = packet.length;
    copyStart(packet, headerBytes, target);
    this.#seek(numbers, length - headerBytes);
    this.#crypt(packet, headerBytes, length, target);
    this.#sign(target, headerBytes, length, trailer);
    for (let i = 0; i < TAG_BYTES; i++) target[length + i] = tag[i] as number;
    if (trailer === null) return length + TAG_BYTES;
    writeWord(target, length + TAG_BYTES, trailer);
    return length + TAG_BYTES + WORD_BYTES;
  }

  open(
    packet: Uint8Array,
    headerBytes: number,
    length: number,
    numbers: PacketNumbers,
    hasTrailer: boolean,
    target: Uint8Array,
  ): number {
    const textEnd = length - TAG_BYTES - (hasTrailer ? WORD_BYTES : 0);
    if (textEnd < headerBytes) return -1;
    this.#seek(numbers, textEnd - headerBytes);
    this.#sign(packet, headerBytes, textEnd, hasTrailer ? readWord(packet, length - WORD_BYTES) : null);
    if (!sameBytes(packet, textEnd, tag, 0, TAG_BYTES)) return -1;
    copyStart(packet, headerBytes, target);
    this.#crypt(packet, headerBytes, textEnd, target);
    return textEnd;
  }

  #seek({ ssrc, roc, sequence }: PacketNumbers, textBytes: number): void {
    this.#keystream.seek(ssrc, roc, sequence, 1 + ((textBytes + BLOCK_BYTES - 1) >> 4));
  }

  /** The first block of the keystream hides the tag, the text follows. */
  #crypt(packet: Uint8Array, from: number, to: number, target: Uint8Array): void {
    xorInto(packet, from, to, this.#keystream.bytes, this.#keystream.at + BLOCK_BYTES, target);
  }

  #sign(packet: Uint8Array, headerBytes: number, textEnd: number, trailer: number | null): void {
    const ghash = this.#ghash;
    const keystream = this.#keystream;
    ghash.reset();
    let associatedBytes = headerBytes;
    if (trailer === null) {
      ghash.update(packet, 0, headerBytes);
    } else {
      copyStart(packet, headerBytes, associated);
      writeWord(associated, headerBytes, trailer);
      associatedBytes += WORD_BYTES;
      ghash.update(associated, 0, associatedBytes);
    }
    ghash.update(packet, headerBytes, textEnd - headerBytes);
    ghash.finish(associatedBytes, textEnd - headerBytes, tag);
    for (let i = 0; i < TAG_BYTES; i++) tag[i] = (tag[i] as number) ^ (keystream.bytes[keystream.at + i] as number);
  }
}
