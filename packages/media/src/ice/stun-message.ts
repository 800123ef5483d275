import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

const HEADER_BYTES = 20;
const MAGIC_COOKIE = 0x2112a442;
const INTEGRITY_BYTES = 20;
const FINGERPRINT_BYTES = 4;
const FINGERPRINT_XOR = 0x5354554e;

/** Message types of the one method that ICE uses (RFC 8489 §14.1, §18.2). */
export const STUN_BINDING = { request: 0x0001, indication: 0x0011, success: 0x0101, error: 0x0111 } as const;

/** Attributes (RFC 8489 §18.3, RFC 8445 §16.1). */
export const STUN_ATTRIBUTE = {
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  xorMappedAddress: 0x0020,
  priority: 0x0024,
  useCandidate: 0x0025,
  software: 0x8022,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
} as const;

/**
 * One received message (RFC 8489 §5).
 *
 *     |0 0|   message type (14)   |       message length (16)       |
 *     |                  magic cookie 0x2112A442                    |
 *     |                   transaction id (96)                       |
 *     then attributes: type (16), length (16), value filled up to 4 octets
 */
export class StunMessage {
  readonly type: number;
  readonly transactionId: Uint8Array;
  /** The first of each type; those behind MESSAGE-INTEGRITY are left out but for FINGERPRINT (RFC 8489 §14.5). */
  readonly attributes: ReadonlyMap<number, Uint8Array>;
  readonly #bytes: Uint8Array;
  readonly #integrityAt: number;

  private constructor(bytes: Uint8Array, attributes: Map<number, Uint8Array>, integrityAt: number) {
    this.type = (((bytes[0] as number) << 8) | (bytes[1] as number)) & 0x3fff;
    this.transactionId = Uint8Array.from(bytes.subarray(8, HEADER_BYTES));
    this.attributes = attributes;
    this.#bytes = bytes;
    this.#integrityAt = integrityAt;
  }

  /** Null for anything but a whole message with a right FINGERPRINT, which ICE prescribes (RFC 8445 §7). */
  static read(datagram: Uint8Array): StunMessage | null {
    const length = datagram.length;
    if (length < HEADER_BYTES || length % 4 !== 0 || (datagram[0] as number) > 3) return null;
    const view = new DataView(datagram.buffer, datagram.byteOffset, length);
    if (view.getUint32(4) !== MAGIC_COOKIE || view.getUint16(2) !== length - HEADER_BYTES) return null;
    const attributes = new Map<number, Uint8Array>();
    let integrityAt = -1;
    for (let at = HEADER_BYTES; at < length; ) {
      const type = view.getUint16(at);
      const size = view.getUint16(at + 2);
      const end = at + 4 + size;
      if (end > length) return null;
      if (type === STUN_ATTRIBUTE.fingerprint) {
        if (size !== FINGERPRINT_BYTES || end !== length || view.getUint32(at + 4) !== fingerprint(datagram, at))
          return null;
      }
      if ((integrityAt < 0 || type === STUN_ATTRIBUTE.fingerprint) && !attributes.has(type)) {
        attributes.set(type, datagram.subarray(at + 4, end));
      }
      if (type === STUN_ATTRIBUTE.messageIntegrity && integrityAt < 0) integrityAt = at;
      at = end + (-size & 3);
    }
    return attributes.has(STUN_ATTRIBUTE.fingerprint) ? new StunMessage(datagram, attributes, integrityAt) : null;
  }

  /** Whether the MESSAGE-INTEGRITY was made with this short-term password (RFC 8489 §9.1, §14.5). */
  isIntact(password: KeyObject): boolean {
    const given = this.attributes.get(STUN_ATTRIBUTE.messageIntegrity);
    if (given === undefined || given.length !== INTEGRITY_BYTES) return false;
    return timingSafeEqual(given, integrity(this.#bytes.subarray(0, this.#integrityAt), password));
  }

  /** An attribute's 32-bit number; null when it is missing or of another size. */
  number(type: number): number | null {
    const value = this.attributes.get(type);
    return value?.length === 4 ? new DataView(value.buffer, value.byteOffset).getUint32(0) : null;
  }

  /** An attribute's text; null when it is missing. */
  text(type: number): string | null {
    const value = this.attributes.get(type);
    return value === undefined ? null : new TextDecoder().decode(value);
  }
}

/** Builds a message; attributes stand in the order in which they are added. */
export class StunBuilder {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** `transactionId`: 12 octets, for an answer those of the request. */
  constructor(type: number, transactionId: Uint8Array) {
    const header = new Uint8Array(HEADER_BYTES);
    const view = new DataView(header.buffer);
    view.setUint16(0, type);
    view.setUint32(4, MAGIC_COOKIE);
    header.set(transactionId, 8);
    this.#parts.push(header);
  }

  add(type: number, value: Uint8Array): this {
    const attribute = new Uint8Array(4 + value.length + (-value.length & 3));
    const view = new DataView(attribute.buffer);
    view.setUint16(0, type);
    view.setUint16(2, value.length);
    attribute.set(value, 4);
    this.#parts.push(attribute);
    this.#length += attribute.length;
    return this;
  }

  /** With MESSAGE-INTEGRITY under `password`, or without where it is null, and FINGERPRINT. */
  finish(password: KeyObject | null): Uint8Array {
    if (password !== null) this.add(STUN_ATTRIBUTE.messageIntegrity, integrity(this.#bytes(), password));
    const covered = this.#bytes(4 + FINGERPRINT_BYTES);
    const value = new Uint8Array(FINGERPRINT_BYTES);
    new DataView(value.buffer).setUint32(0, fingerprint(covered, covered.length));
    return this.add(STUN_ATTRIBUTE.fingerprint, value).#bytes();
  }

  #bytes(toCome = 0): Uint8Array {
    const bytes = Buffer.concat(this.#parts);
    bytes.writeUInt16BE(this.#length + toCome, 2);
    return bytes;
  }
}

/** The value of XOR-MAPPED-ADDRESS (RFC 8489 §14.2): `address` is an IPv4 or IPv6 address as Node's sockets write it. */
export function xorMappedAddress(address: string, port: number, transactionId: Uint8Array): Uint8Array {
  const octets = addressOctets(address);
  const value = new Uint8Array(4 + octets.length);
  const view = new DataView(value.buffer);
  view.setUint8(1, octets.length === 4 ? 1 : 2);
  view.setUint16(2, port ^ (MAGIC_COOKIE >>> 16));
  const mask = new Uint8Array(16);
  new DataView(mask.buffer).setUint32(0, MAGIC_COOKIE);
  mask.set(transactionId, 4);
  for (const [i, octet] of octets.entries()) value[4 + i] = octet ^ (mask[i] as number);
  return value;
}

/** The value of ERROR-CODE (RFC 8489 §14.8). */
export function errorCode(code: number, reason: string): Uint8Array {
  return Uint8Array.from([0, 0, Math.floor(code / 100), code % 100, ...Buffer.from(reason)]);
}

function addressOctets(address: string): number[] {
  const plain = address.replace(/%.*$/, '');
  if (!plain.includes(':')) return plain.split('.').map(Number);
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(plain);
  const text =
    dotted === null
      ? plain
      : `${dotted[1]}${pair(Number(dotted[2]), Number(dotted[3]))}:${pair(Number(dotted[4]), Number(dotted[5]))}`;
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  return [...left, ...new Array<number>(zeros).fill(0), ...right].flatMap((group) => [group >> 8, group & 0xff]);
}

function pair(high: number, low: number): string {
  return ((high << 8) | low).toString(16);
}

/** Over what stands before the attribute, with a length in the header that ends with it. */
function integrity(before: Uint8Array, password: KeyObject): Uint8Array {
  const covered = Buffer.from(before);
  covered.writeUInt16BE(before.length - HEADER_BYTES + 4 + INTEGRITY_BYTES, 2);
  return createHmac('sha1', password).update(covered).digest();
}

function fingerprint(bytes: Uint8Array, end: number): number {
  return (crc32(bytes.subarray(0, end)) ^ FINGERPRINT_XOR) >>> 0;
}
