import { ByteReader, DtlsFormatError } from './byte-reader.ts';
import { numberBytes, numbers16Bytes, vectorBytes } from './byte-writer.ts';
import { DTLS_1_2 } from './record.ts';
import { SIGNATURE_SCHEMES } from './signature.ts';

/** Cipher suites: the one we answer with, and its sister for far sides whose certificate is RSA. */
export const ECDHE_ECDSA_AES_128_GCM = 0xc02b;
export const ECDHE_RSA_AES_128_GCM = 0xc02f;
const RENEGOTIATION_SCSV = 0x00ff;

/** The one group we use; all that speak WebRTC have it (RFC 8827 §6.5). */
export const SECP256R1 = 23;

const EXTENSION = {
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  useSrtp: 14,
  extendedMasterSecret: 23,
  renegotiationInfo: 0xff01,
} as const;

/** What both hellos tell. */
interface HelloExtensions {
  /** Profiles of `use_srtp` (RFC 5764 §4.1.1), in order. */
  srtpProfiles: number[];
  extendedMasterSecret: boolean;
  renegotiationInfo: boolean;
}

export interface ClientHello extends HelloExtensions {
  random: Uint8Array;
  cookie: Uint8Array;
  cipherSuites: number[];
  groups: number[];
  signatureSchemes: number[];
}

export interface ServerHello extends HelloExtensions {
  random: Uint8Array;
  cipherSuite: number;
}

/** @throws DtlsFormatError */
export function readClientHello(body: Uint8Array): ClientHello {
  const reader = new ByteReader(body);
  // Versions count downwards.
  if (reader.number(2) > DTLS_1_2) throw new DtlsFormatError('The far side does not speak DTLS 1.2');
  const random = reader.take(32);
  reader.vector(1);
  const cookie = reader.vector(1);
  const cipherSuites = reader.numbers16(2);
  reader.vector(1);
  const extensions = readExtensions(reader);
  return {
    random,
    cookie,
    cipherSuites,
    groups: numbersIn(extensions, EXTENSION.supportedGroups),
    signatureSchemes: numbersIn(extensions, EXTENSION.signatureAlgorithms),
    ...common(extensions),
    renegotiationInfo: extensions.has(EXTENSION.renegotiationInfo) || cipherSuites.includes(RENEGOTIATION_SCSV),
  };
}

export function writeClientHello(random: Uint8Array, cookie: Uint8Array, srtpProfiles: readonly number[]): Uint8Array {
  return Buffer.concat([
    numberBytes(DTLS_1_2, 2),
    random,
    vectorBytes(1),
    vectorBytes(1, cookie),
    vectorBytes(2, numbers16Bytes([ECDHE_ECDSA_AES_128_GCM, ECDHE_RSA_AES_128_GCM])),
    vectorBytes(1, Uint8Array.of(0)),
    vectorBytes(
      2,
      extension(EXTENSION.supportedGroups, vectorBytes(2, numbers16Bytes([SECP256R1]))),
      extension(EXTENSION.pointFormats, vectorBytes(1, Uint8Array.of(0))),
      extension(EXTENSION.signatureAlgorithms, vectorBytes(2, numbers16Bytes(SIGNATURE_SCHEMES))),
      srtpExtension(srtpProfiles),
      extension(EXTENSION.extendedMasterSecret, new Uint8Array(0)),
      extension(EXTENSION.renegotiationInfo, vectorBytes(1)),
    ),
  ]);
}

/** @throws DtlsFormatError */
export function readServerHello(body: Uint8Array): ServerHello {
  const reader = new ByteReader(body);
  if (reader.number(2) !== DTLS_1_2) throw new DtlsFormatError('The far side does not speak DTLS 1.2');
  const random = reader.take(32);
  reader.vector(1);
  const cipherSuite = reader.number(2);
  reader.number(1);
  const extensions = readExtensions(reader);
  return { random, cipherSuite, ...common(extensions), renegotiationInfo: extensions.has(EXTENSION.renegotiationInfo) };
}

export function writeServerHello(random: Uint8Array, srtpProfile: number, renegotiationInfo: boolean): Uint8Array {
  const extensions = [
    extension(EXTENSION.pointFormats, vectorBytes(1, Uint8Array.of(0))),
    srtpExtension([srtpProfile]),
    extension(EXTENSION.extendedMasterSecret, new Uint8Array(0)),
  ];
  if (renegotiationInfo) extensions.push(extension(EXTENSION.renegotiationInfo, vectorBytes(1)));
  return Buffer.concat([
    numberBytes(DTLS_1_2, 2),
    random,
    vectorBytes(1),
    numberBytes(ECDHE_ECDSA_AES_128_GCM, 2),
    Uint8Array.of(0),
    vectorBytes(2, ...extensions),
  ]);
}

/** The cookie of a HelloVerifyRequest (RFC 6347 §4.2.1). */
export function readHelloVerifyRequest(body: Uint8Array): Uint8Array {
  const reader = new ByteReader(body);
  reader.number(2);
  return reader.vector(1);
}

function common(
  extensions: ReadonlyMap<number, Uint8Array>,
): Pick<HelloExtensions, 'srtpProfiles' | 'extendedMasterSecret'> {
  return {
    srtpProfiles: numbersIn(extensions, EXTENSION.useSrtp),
    extendedMasterSecret: extensions.has(EXTENSION.extendedMasterSecret),
  };
}

function readExtensions(reader: ByteReader): Map<number, Uint8Array> {
  const extensions = new Map<number, Uint8Array>();
  if (reader.left === 0) return extensions;
  const list = new ByteReader(reader.vector(2));
  while (list.left > 0) extensions.set(list.number(2), list.vector(2));
  return extensions;
}

function numbersIn(extensions: ReadonlyMap<number, Uint8Array>, type: number): number[] {
  const content = extensions.get(type);
  return content === undefined ? [] : new ByteReader(content).numbers16(2);
}

function extension(type: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([numberBytes(type, 2), vectorBytes(2, content)]);
}

/** Without a master key identifier. */
function srtpExtension(profiles: readonly number[]): Uint8Array {
  return extension(EXTENSION.useSrtp, Buffer.concat([vectorBytes(2, numbers16Bytes(profiles)), vectorBytes(1)]));
}
