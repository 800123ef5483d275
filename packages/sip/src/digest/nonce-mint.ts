import { createHmac, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';

const TIME_BYTES = 6;
const RANDOM_BYTES = 6;
const SIGNED_BYTES = TIME_BYTES + RANDOM_BYTES;
const MAC_BYTES = 12;
/** 24 bytes in base64url, without padding. */
const NONCE_LENGTH = 32;

/**
 * Makes nonces that carry their own time and signature, so that a server remembers nothing for those who never come
 * back (RFC 7616 §5.4): 48 bits of milliseconds, 48 random bits, 96 bits of HMAC-SHA-256 over both and the realm.
 */
export class NonceMint {
  readonly #key: KeyObject;
  readonly #realm: string;

  constructor(key: KeyObject, realm: string) {
    this.#key = key;
    this.#realm = realm;
  }

  /** A new nonce that tells the time `nowMs` (milliseconds since 1970). */
  make(nowMs: number): string {
    const nonce = Buffer.alloc(SIGNED_BYTES + MAC_BYTES);
    nonce.writeUIntBE(nowMs, 0, TIME_BYTES);
    randomBytes(RANDOM_BYTES).copy(nonce, TIME_BYTES);
    this.#mac(nonce).copy(nonce, SIGNED_BYTES, 0, MAC_BYTES);
    return nonce.toString('base64url');
  }

  /** When the nonce was made, in milliseconds since 1970; `null` when it was not made with this key for this realm. */
  timeOf(nonce: string): number | null {
    if (nonce.length !== NONCE_LENGTH) return null;
    const bytes = Buffer.from(nonce, 'base64url');
    if (bytes.length !== SIGNED_BYTES + MAC_BYTES) return null;
    const isOurs = timingSafeEqual(bytes.subarray(SIGNED_BYTES), this.#mac(bytes).subarray(0, MAC_BYTES));
    return isOurs ? bytes.readUIntBE(0, TIME_BYTES) : null;
  }

  #mac(nonce: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(nonce.subarray(0, SIGNED_BYTES)).update(this.#realm).digest();
  }
}
