import { createECDH, createHash, type ECDH } from 'node:crypto';
import { DtlsFormatError } from './byte-reader.ts';
import { prf } from './prf.ts';
import { RecordCipher } from './record.ts';

export type DtlsRole = 'client' | 'server';

const KEY_BYTES = 16;
const SALT_BYTES = 4;
const MASTER_BYTES = 48;
const VERIFY_BYTES = 12;

/** Everything of one handshake that becomes keys: its messages, the two random numbers, the ephemeral key pair. */
export class HandshakeSecrets {
  clientRandom: Uint8Array = new Uint8Array(0);
  serverRandom: Uint8Array = new Uint8Array(0);
  /** Of what we send and of what we get; null until {@link agree}. */
  sealing: RecordCipher | null = null;
  opening: RecordCipher | null = null;
  readonly #role: DtlsRole;
  readonly #ecdh: ECDH = createECDH('prime256v1');
  readonly publicKey: Uint8Array = this.#ecdh.generateKeys();
  #messages: Uint8Array[] = [];
  #master: Uint8Array = new Uint8Array(0);

  constructor(role: DtlsRole) {
    this.#role = role;
  }

  /** All messages of both sides so far, whole, with their headers. */
  get transcript(): Uint8Array {
    return Buffer.concat(this.#messages);
  }

  add(message: Uint8Array): void {
    this.#messages.push(message);
  }

  /** The first ClientHello does not count when it was answered with a cookie (RFC 6347 §4.2.6). */
  forgetMessages(): void {
    this.#messages = [];
  }

  /**
   * Makes the keys from the far side's public key; the transcript ends with the ClientKeyExchange (RFC 7627 §4).
   *
   * @throws DtlsFormatError when it is no point of the curve.
   */
  agree(farPublicKey: Uint8Array): void {
    let shared: Uint8Array;
    try {
      shared = this.#ecdh.computeSecret(farPublicKey);
    } catch {
      throw new DtlsFormatError('The public key is no point of the curve');
    }
    this.#master = prf(shared, 'extended master secret', this.#hash(), MASTER_BYTES);
    const randoms = Buffer.concat([this.serverRandom, this.clientRandom]);
    const block = prf(this.#master, 'key expansion', randoms, 2 * (KEY_BYTES + SALT_BYTES));
    const client = new RecordCipher(block.subarray(0, 16), block.subarray(32, 36));
    const server = new RecordCipher(block.subarray(16, 32), block.subarray(36, 40));
    this.sealing = this.#role === 'client' ? client : server;
    this.opening = this.#role === 'client' ? server : client;
  }

  /** What the Finished of a side must say at this point (RFC 5246 §7.4.9). */
  verifyData(role: DtlsRole): Uint8Array {
    return prf(this.#master, `${role} finished`, this.#hash(), VERIFY_BYTES);
  }

  /** Keys for SRTP (RFC 5764 §4.2): for each side its master key followed by its master salt. */
  srtpMasters(keyBytes: number, saltBytes: number): Record<DtlsRole, Uint8Array> {
    const randoms = Buffer.concat([this.clientRandom, this.serverRandom]);
    const material = prf(this.#master, 'EXTRACTOR-dtls_srtp', randoms, 2 * (keyBytes + saltBytes));
    const master = (side: number) => {
      const saltAt = 2 * keyBytes + side * saltBytes;
      const key = material.subarray(side * keyBytes, (side + 1) * keyBytes);
      return Buffer.concat([key, material.subarray(saltAt, saltAt + saltBytes)]);
    };
    return { client: master(0), server: master(1) };
  }

  /** What is not needed after the handshake, and better not kept. */
  forget(): void {
    this.#messages = [];
    this.#master.fill(0);
  }

  #hash(): Uint8Array {
    return createHash('sha256').update(this.transcript).digest();
  }
}
