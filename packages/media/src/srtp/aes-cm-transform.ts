import { readWord, writeWord } from './big-endian.ts';
import type { SessionKeys } from './key-derivation.ts';
import { Keystream } from './keystream.ts';
import { copyStart, sameBytes, xorInto } from './octets.ts';
import { HmacSha1 } from './sha1.ts';
import type { PacketNumbers, SrtpTransform } from './transform.ts';

const WORD_BYTES = 4;
const mac = new Uint8Array(20);

/** AES in counter mode with HMAC-SHA1 over the packet and its rollover counter or SRTCP index (RFC 3711 §4). */
export class AesCmTransform implements SrtpTransform {
  readonly #keystream: Keystream;
  readonly #hmac: HmacSha1;
  readonly #tagBytes: number;

  constructor(keys: SessionKeys, tagBytes: number) {
    this.#keystream = new Keystream({ key: keys.key, salt: keys.salt, cipher: 'cm' });
    this.#hmac = new HmacSha1(keys.auth);
    this.#tagBytes = tagBytes;
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
    this.#crypt(packet, headerBytes, length, numbers, target);
    let at = length;
    if (trailer !== null) {
      writeWord(target, at, trailer);
      at += WORD_BYTES;
    }
    this.#hmac.sign(target, length, trailer ?? numbers.roc, mac, 0);
    for (let i = 0; i < this.#tagBytes; i++) target[at + i] = mac[i] as number;
    return at + this.#tagBytes;
  }

  open(
    packet: Uint8Array,
    headerBytes: number,
    length: number,
    numbers: PacketNumbers,
    hasTrailer: boolean,
    target: Uint8Array,
  ): number {
    const tagAt = length - this.#tagBytes;
    const textEnd = hasTrailer ? tagAt - WORD_BYTES : tagAt;
    if (textEnd < headerBytes) return -1;
    this.#hmac.sign(packet, textEnd, hasTrailer ? readWord(packet, textEnd) : numbers.roc, mac, 0);
    if (!sameBytes(packet, tagAt, mac, 0, this.#tagBytes)) return -1;
    copyStart(packet, headerBytes, target);
    this.#crypt(packet, headerBytes, textEnd, numbers, target);
    return textEnd;
  }

  #crypt(
    packet: Uint8Array,
    from: number,
    to: number,
    { ssrc, roc, sequence }: PacketNumbers,
    target: Uint8Array,
  ): void {
    if (from === to) return;
    const keystream = this.#keystream;
    keystream.seek(ssrc, roc, sequence, (to - from + 15) >> 4);
    xorInto(packet, from, to, keystream.bytes, keystream.at, target);
  }
}
