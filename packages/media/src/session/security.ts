import type { DtlsSrtpKeys } from '../dtls/dtls-endpoint.ts';
import type { IceCredentials } from '../ice/credentials.ts';

/** How a session is protected, as its worker is told; a plain JSON value. */
export type SessionSecurity =
  | { kind: 'none' }
  /** Keys from the SDP (RFC 4568). */
  | ({ kind: 'sdes' } & DtlsSrtpKeys)
  /** Keys come later, from the handshake. Without ICE media goes where the SDP says. */
  | { kind: 'dtls'; ice: { local: IceCredentials; remoteUfrag: string | null } | null };
