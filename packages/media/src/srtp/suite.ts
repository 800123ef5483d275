/** A protection profile as SDES writes it (RFC 4568 §6.2, RFC 7714 §14.1). */
export type SrtpSuiteName = 'AEAD_AES_128_GCM' | 'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32';

export interface SrtpSuite {
  readonly name: SrtpSuiteName;
  readonly cipher: 'cm' | 'gcm';
  /** Octets of the master key and the master salt. */
  readonly keyBytes: number;
  readonly saltBytes: number;
  readonly rtpTagBytes: number;
  readonly rtcpTagBytes: number;
  /** The number of the same profile in the `use_srtp` extension of DTLS (RFC 5764 §4.1.2, RFC 7714 §14.2). */
  readonly dtlsProfile: number;
}

/** All suites, in the order in which we prefer them. */
export const SRTP_SUITES: Readonly<Record<SrtpSuiteName, SrtpSuite>> = {
  AEAD_AES_128_GCM: {
    name: 'AEAD_AES_128_GCM',
    cipher: 'gcm',
    keyBytes: 16,
    saltBytes: 12,
    rtpTagBytes: 16,
    rtcpTagBytes: 16,
    dtlsProfile: 0x0007,
  },
  AES_CM_128_HMAC_SHA1_80: {
    name: 'AES_CM_128_HMAC_SHA1_80',
    cipher: 'cm',
    keyBytes: 16,
    saltBytes: 14,
    rtpTagBytes: 10,
    rtcpTagBytes: 10,
    dtlsProfile: 0x0001,
  },
  // RTCP keeps the long tag (RFC 3711 §5.2 by way of RFC 4568 §6.2.2).
  AES_CM_128_HMAC_SHA1_32: {
    name: 'AES_CM_128_HMAC_SHA1_32',
    cipher: 'cm',
    keyBytes: 16,
    saltBytes: 14,
    rtpTagBytes: 4,
    rtcpTagBytes: 10,
    dtlsProfile: 0x0002,
  },
};

/** The names of all suites, preferred first. */
export const SRTP_SUITE_NAMES = Object.keys(SRTP_SUITES) as SrtpSuiteName[];
