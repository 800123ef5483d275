import { randomBytes } from 'node:crypto';
import { SRTP_SUITES, type SrtpSuiteName } from './suite.ts';

/** One direction's keys as SDES names them: a plain JSON value. */
export interface SrtpKey {
  suite: SrtpSuiteName;
  /** Master key and master salt, one behind the other, in base64. A secret. */
  master: string;
  /** Octets of a master key identifier in every packet (RFC 3711 §3.1); nearly always 0. */
  mkiBytes: number;
}

/** One `a=crypto` line (RFC 4568 §9.1). */
export interface CryptoLine {
  tag: string;
  key: SrtpKey;
}

const LINE = /^(\d{1,9}) +([A-Z0-9_]+) +inline:(\S+)((?: +\S+)*) *$/i;
const LIFETIME = /^(?:2\^\d{1,2}|\d{1,15})$/;
const MKI = /^\d{1,10}:(\d{1,3})$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const MOST_MKI_BYTES = 128;

/**
 * Reads the value of an `a=crypto` line; null when it is unreadable or asks for something we do not do: another suite,
 * several keys at once, a key derivation rate, parts left unencrypted or unauthenticated. A lifetime is read over: no
 * call lasts 2^48 packets.
 */
export function readCryptoLine(value: string): CryptoLine | null {
  const [, tag = '', suiteName = '', keyParameters = '', sessionParameters = ''] = LINE.exec(value) ?? [];
  const suite = SRTP_SUITES[suiteName.toUpperCase() as SrtpSuiteName];
  if (tag === '' || suite === undefined) return null;
  if (!sessionParameters.split(' ').every(isHarmless)) return null;
  const [master = '', ...details] = keyParameters.split('|');
  if (!BASE64.test(master) || Buffer.from(master, 'base64').length !== suite.keyBytes + suite.saltBytes) return null;
  let mkiBytes = 0;
  for (const detail of details) {
    const mki = MKI.exec(detail)?.[1];
    if (mki !== undefined) mkiBytes = Number(mki);
    else if (!LIFETIME.test(detail)) return null;
  }
  return mkiBytes > MOST_MKI_BYTES ? null : { tag, key: { suite: suite.name, master, mkiBytes } };
}

/** The value of an `a=crypto` line. */
export function writeCryptoLine({ tag, key }: CryptoLine): string {
  return `${tag} ${key.suite} inline:${key.master}`;
}

/** A new random key of our own. */
export function createSrtpKey(suite: SrtpSuiteName): SrtpKey {
  const { keyBytes, saltBytes } = SRTP_SUITES[suite];
  return { suite, master: randomBytes(keyBytes + saltBytes).toString('base64'), mkiBytes: 0 };
}

/** The size of the replay window is the receiver's own affair, and a `-` allows to leave the parameter out of account. */
function isHarmless(parameter: string): boolean {
  return parameter === '' || parameter.startsWith('-') || /^WSH=\d+$/i.test(parameter) || /^KDR=0$/i.test(parameter);
}
