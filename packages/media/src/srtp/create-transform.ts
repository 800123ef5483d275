import { AesCmTransform } from './aes-cm-transform.ts';
import { AesGcmTransform } from './aes-gcm-transform.ts';
import { deriveSessionKeys } from './key-derivation.ts';
import type { SrtpSuite } from './suite.ts';
import type { SrtpTransform } from './transform.ts';

/** The transform of a suite under a master key followed by its master salt. */
export function createTransform(suite: SrtpSuite, master: Uint8Array, stream: 'rtp' | 'rtcp'): SrtpTransform {
  const keys = deriveSessionKeys(suite, master.subarray(0, suite.keyBytes), master.subarray(suite.keyBytes), stream);
  const tagBytes = stream === 'rtp' ? suite.rtpTagBytes : suite.rtcpTagBytes;
  return suite.cipher === 'cm' ? new AesCmTransform(keys, tagBytes) : new AesGcmTransform(keys);
}
