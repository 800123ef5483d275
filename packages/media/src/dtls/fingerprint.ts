import { createHash, timingSafeEqual } from 'node:crypto';

/** The value of an `a=fingerprint` line (RFC 8122 §5), e.g. `{ hash: 'sha-256', value: 'AB:CD:…' }`. */
export interface Fingerprint {
  hash: string;
  value: string;
}

const HASHES: Readonly<Record<string, string>> = { 'sha-256': 'sha256', 'sha-384': 'sha384', 'sha-512': 'sha512' };

/** Reads the value of an `a=fingerprint` line; null when it is malformed or its hash is none we trust. */
export function readFingerprint(text: string): Fingerprint | null {
  const [, hash = '', value = ''] = /^(\S+) +((?:[0-9A-F]{2}:)+[0-9A-F]{2}) *$/i.exec(text) ?? [];
  return HASHES[hash.toLowerCase()] === undefined ? null : { hash: hash.toLowerCase(), value: value.toUpperCase() };
}

/** The SHA-256 fingerprint of a certificate in DER. */
export function fingerprintOf(certificate: Uint8Array): Fingerprint {
  return { hash: 'sha-256', value: hashOf(certificate, 'sha256') };
}

/** Whether a certificate in DER is the one of any of the fingerprints. */
export function matchesFingerprint(certificate: Uint8Array, fingerprints: readonly Fingerprint[]): boolean {
  return fingerprints.some(({ hash, value }) => {
    const algorithm = HASHES[hash];
    if (algorithm === undefined) return false;
    const expected = Buffer.from(value);
    const actual = Buffer.from(hashOf(certificate, algorithm));
    return expected.length === actual.length && timingSafeEqual(expected, actual);
  });
}

function hashOf(certificate: Uint8Array, algorithm: string): string {
  const hex = createHash(algorithm).update(certificate).digest('hex').toUpperCase();
  return (hex.match(/../g) ?? []).join(':');
}
