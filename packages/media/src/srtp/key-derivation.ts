import { createCipheriv, createSecretKey } from 'node:crypto';
import type { SrtpSuite } from './suite.ts';

/** Which session key is derived (RFC 3711 §4.3.2). */
const LABELS = { rtp: { key: 0, auth: 1, salt: 2 }, rtcp: { key: 3, auth: 4, salt: 5 } } as const;

const AUTH_KEY_BYTES = 20;
const PRF_SALT_BYTES = 14;

export interface SessionKeys {
  key: Uint8Array;
  salt: Uint8Array;
  /** HMAC key; not used by GCM. */
  auth: Uint8Array;
}

/** Session keys of one direction from its master key and salt, without a key derivation rate (RFC 3711 §4.3.1). */
export function deriveSessionKeys(
  suite: SrtpSuite,
  masterKey: Uint8Array,
  masterSalt: Uint8Array,
  stream: 'rtp' | 'rtcp',
): SessionKeys {
  const labels = LABELS[stream];
  return {
    key: derive(masterKey, masterSalt, labels.key, suite.keyBytes),
    salt: derive(masterKey, masterSalt, labels.salt, suite.saltBytes),
    auth: derive(masterKey, masterSalt, labels.auth, AUTH_KEY_BYTES),
  };
}

/** `length` octets under a label; shorter salts are filled up with zeros (RFC 7714 §11). */
export function derive(masterKey: Uint8Array, masterSalt: Uint8Array, label: number, length: number): Uint8Array {
  const iv = new Uint8Array(16);
  iv.set(masterSalt.subarray(0, PRF_SALT_BYTES));
  // The label stands left of the 48-bit index, which is zero.
  iv[7] = (iv[7] as number) ^ label;
  return createCipheriv(`aes-${masterKey.length * 8}-ctr`, createSecretKey(masterKey), iv).update(
    new Uint8Array(length),
  );
}
