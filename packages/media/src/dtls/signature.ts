import { constants, type KeyObject, sign, verify, X509Certificate } from 'node:crypto';

interface Scheme {
  hash: string;
  keyType: 'ec' | 'rsa';
  padding?: number;
}

/** Schemes by their numbers (RFC 8446 §4.2.3), preferred first. */
const SCHEMES = new Map<number, Scheme>([
  [0x0403, { hash: 'sha256', keyType: 'ec' }],
  [0x0503, { hash: 'sha384', keyType: 'ec' }],
  [0x0804, { hash: 'sha256', keyType: 'rsa', padding: constants.RSA_PKCS1_PSS_PADDING }],
  [0x0401, { hash: 'sha256', keyType: 'rsa', padding: constants.RSA_PKCS1_PADDING }],
  [0x0501, { hash: 'sha384', keyType: 'rsa', padding: constants.RSA_PKCS1_PADDING }],
]);

/** Numbers of the signatures that we can check. */
export const SIGNATURE_SCHEMES: readonly number[] = [...SCHEMES.keys()];

/** The scheme we sign with: our key is P-256. */
export const OWN_SCHEME = 0x0403;

export function signWithOwnScheme(data: Uint8Array, privateKey: KeyObject): Uint8Array {
  return sign('sha256', data, privateKey);
}

/** Whether `signature` over `data` was made with the key of a certificate in DER. False for anything unreadable. */
export function isSignedBy(certificate: Uint8Array, scheme: number, data: Uint8Array, signature: Uint8Array): boolean {
  const known = SCHEMES.get(scheme);
  if (known === undefined) return false;
  try {
    const { publicKey } = new X509Certificate(certificate);
    if (publicKey.asymmetricKeyType !== known.keyType) return false;
    const key = known.padding === undefined ? publicKey : { key: publicKey, padding: known.padding, saltLength: 32 };
    return verify(known.hash, data, key, signature);
  } catch {
    return false;
  }
}
