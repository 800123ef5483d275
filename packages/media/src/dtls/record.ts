import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { numberBytes, vectorBytes } from './byte-writer.ts';

export const CONTENT_TYPE = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

/** DTLS 1.2 as it stands in messages; DTLS 1.0 is written into records by clients that want to be understood by all. */
export const DTLS_1_2 = 0xfefd;
const DTLS_1_0 = 0xfeff;

const HEADER_BYTES = 13;
const EXPLICIT_NONCE_BYTES = 8;
const TAG_BYTES = 16;

/**
 * One record (RFC 6347 §4.1).
 *
 *     type (8) | version (16) | epoch (16) | sequence number (48) | length (16) | fragment
 */
export interface DtlsRecord {
  type: number;
  epoch: number;
  sequence: number;
  fragment: Uint8Array;
}

/** The whole records of a datagram; what follows an unreadable one is left out. */
export function readRecords(datagram: Uint8Array): DtlsRecord[] {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const records: DtlsRecord[] = [];
  for (let at = 0; at + HEADER_BYTES <= datagram.length; ) {
    const version = view.getUint16(at + 1);
    const end = at + HEADER_BYTES + view.getUint16(at + 11);
    if ((version !== DTLS_1_2 && version !== DTLS_1_0) || end > datagram.length) break;
    const fragment = datagram.subarray(at + HEADER_BYTES, end);
    const sequence = view.getUint16(at + 5) * 2 ** 32 + view.getUint32(at + 7);
    records.push({ type: view.getUint8(at), epoch: view.getUint16(at + 3), sequence, fragment });
    at = end;
  }
  return records;
}

export function writeRecord({ type, epoch, sequence, fragment }: DtlsRecord): Uint8Array {
  return Buffer.concat([
    numberBytes(type, 1),
    numberBytes(DTLS_1_2, 2),
    numberBytes(epoch, 2),
    numberBytes(sequence, 6),
    vectorBytes(2, fragment),
  ]);
}

/** AES-128-GCM of one direction (RFC 5288 §3, RFC 6347 §4.1.2.1). */
export class RecordCipher {
  readonly #key: KeyObject;
  readonly #salt: Uint8Array;

  constructor(key: Uint8Array, salt: Uint8Array) {
    this.#key = createSecretKey(key);
    this.#salt = salt;
  }

  seal(record: DtlsRecord): DtlsRecord {
    const numbers = recordNumbers(record);
    const cipher = createCipheriv('aes-128-gcm', this.#key, Buffer.concat([this.#salt, numbers]));
    cipher.setAAD(associated(record, record.fragment.length));
    const text = Buffer.concat([cipher.update(record.fragment), cipher.final()]);
    return { ...record, fragment: Buffer.concat([numbers, text, cipher.getAuthTag()]) };
  }

  /** Null when the record is not authentic. */
  open(record: DtlsRecord): DtlsRecord | null {
    const { fragment } = record;
    const textLength = fragment.length - EXPLICIT_NONCE_BYTES - TAG_BYTES;
    if (textLength < 0) return null;
    const nonce = Buffer.concat([this.#salt, fragment.subarray(0, EXPLICIT_NONCE_BYTES)]);
    const decipher = createDecipheriv('aes-128-gcm', this.#key, nonce);
    decipher.setAAD(associated(record, textLength));
    decipher.setAuthTag(fragment.subarray(fragment.length - TAG_BYTES));
    const text = decipher.update(fragment.subarray(EXPLICIT_NONCE_BYTES, EXPLICIT_NONCE_BYTES + textLength));
    try {
      decipher.final();
    } catch {
      return null;
    }
    return { ...record, fragment: text };
  }
}

function recordNumbers({ epoch, sequence }: DtlsRecord): Uint8Array {
  return Buffer.concat([numberBytes(epoch, 2), numberBytes(sequence, 6)]);
}

function associated(record: DtlsRecord, textLength: number): Uint8Array {
  const header = [numberBytes(record.type, 1), numberBytes(DTLS_1_2, 2), numberBytes(textLength, 2)];
  return Buffer.concat([recordNumbers(record), ...header]);
}
