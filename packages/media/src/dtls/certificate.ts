import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { type Fingerprint, fingerprintOf } from './fingerprint.ts';

/** Our certificate for DTLS with its private key. */
export interface DtlsCertificate {
  readonly der: Uint8Array;
  readonly privateKey: KeyObject;
  readonly fingerprint: Fingerprint;
}

const DAY_MS = 24 * 3600 * 1000;
const VALID_DAYS = 365;

const ECDSA_WITH_SHA256 = der(0x30, der(0x06, Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)));
const COMMON_NAME = der(0x06, Uint8Array.of(0x55, 0x04, 0x03));

/**
 * A new self-signed certificate with an ECDSA P-256 key (RFC 5280 §4.1). Nobody checks more of it than its fingerprint,
 * which the signalling carries (RFC 5763).
 */
export function createCertificate(nowMs: number): DtlsCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = der(0x30, der(0x31, der(0x30, COMMON_NAME, der(0x0c, Buffer.from('WebRTC')))));
  const serial = randomBytes(9);
  // Positive and of full length.
  serial[0] = 0x40 | ((serial[0] as number) & 0x3f);
  const toSign = der(
    0x30,
    der(0xa0, der(0x02, Uint8Array.of(2))),
    der(0x02, serial),
    ECDSA_WITH_SHA256,
    name,
    der(0x30, utcTime(nowMs - DAY_MS), utcTime(nowMs + VALID_DAYS * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', toSign, privateKey);
  const certificate = der(0x30, toSign, ECDSA_WITH_SHA256, der(0x03, Uint8Array.of(0), signature));
  return { der: certificate, privateKey, fingerprint: fingerprintOf(certificate) };
}

/** One value in the distinguished encoding of ASN.1 (X.690 §8.1). */
function der(tag: number, ...content: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(content);
  const { length } = body;
  const lengthOctets = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.of(tag, ...lengthOctets), body]);
}

function utcTime(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}
