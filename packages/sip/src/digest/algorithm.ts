import { hash } from 'node:crypto';

/** The digest algorithms we speak (RFC 8760 §2.1); the `-sess` forms are not used in SIP. */
export type DigestAlgorithm = 'MD5' | 'SHA-256';

/** Strongest first, the order in which a server offers and a client prefers them (RFC 8760 §2.3). */
export const ALGORITHMS: readonly DigestAlgorithm[] = ['SHA-256', 'MD5'];

const HASHES: Readonly<Record<DigestAlgorithm, string>> = { MD5: 'md5', 'SHA-256': 'sha256' };

/** Length of a hash in hexadecimal digits. */
export const HEX_LENGTH: Readonly<Record<DigestAlgorithm, number>> = { MD5: 32, 'SHA-256': 64 };

/** The algorithm of an `algorithm` parameter, MD5 when it is absent (RFC 7616 §3.3); `null` for one we do not speak. */
export function algorithmOf(parameter: string | undefined): DigestAlgorithm | null {
  if (parameter === undefined) return 'MD5';
  return ALGORITHMS.find((algorithm) => algorithm === parameter.toUpperCase()) ?? null;
}

/**
 * H(username ":" realm ":" password) in lower-case hexadecimal: what a server stores in place of a password, one per
 * algorithm (RFC 7616 §3.4.2).
 */
export function ha1(username: string, realm: string, password: string, algorithm: DigestAlgorithm): string {
  return hash(HASHES[algorithm], `${username}:${realm}:${password}`, 'hex');
}

/** What goes into a response besides HA1. Without `qop` the form of RFC 2069 is made, without `nc` and `cnonce`. */
export interface DigestInput {
  method: string;
  /** The `uri` parameter as written. */
  uri: string;
  nonce: string;
  /** `cnonce` and `nc` (eight hexadecimal digits) as written. */
  qop: { name: 'auth'; nc: string; cnonce: string } | null;
}

/** The `response` parameter in lower-case hexadecimal (RFC 7616 §3.4.1). */
export function digestResponse(algorithm: DigestAlgorithm, userHash: string, input: DigestInput): string {
  const name = HASHES[algorithm];
  const ha2 = hash(name, `${input.method}:${input.uri}`, 'hex');
  const middle = input.qop === null ? '' : `${input.qop.nc}:${input.qop.cnonce}:${input.qop.name}:`;
  return hash(name, `${userHash}:${input.nonce}:${middle}${ha2}`, 'hex');
}
