import type { Fingerprint } from '../dtls/fingerprint.ts';
import type { DtlsRole } from '../dtls/secrets.ts';
import type { IceCredentials } from '../ice/credentials.ts';
import type { SrtpKey } from '../srtp/sdes.ts';

/** How media is protected: not at all, with keys from the SDP (RFC 4568), with keys from a handshake (RFC 5763). */
export type SecurityMethod = 'none' | 'sdes' | 'dtls';

/** What offer and answer settled about protection. Holds secrets. */
export type AgreedSecurity =
  | { kind: 'none' }
  | { kind: 'sdes'; send: SrtpKey; receive: SrtpKey }
  | {
      kind: 'dtls';
      /** `client`: we begin the handshake. */
      role: DtlsRole;
      /** Of the far side's certificate. */
      fingerprints: Fingerprint[];
      /** Null: media goes where the SDP says. `remoteUfrag` is null while it is not known. */
      ice: { local: IceCredentials; remoteUfrag: string | null } | null;
    };
