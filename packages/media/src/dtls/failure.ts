/** Alerts that end a handshake (RFC 5246 §7.2). */
export const ALERT = {
  closeNotify: 0,
  unexpectedMessage: 10,
  handshakeFailure: 40,
  badCertificate: 42,
  decodeError: 50,
  decryptError: 51,
} as const;

/** A handshake that must not go on: what is told to the far side, and why, for people. */
export class DtlsFailure extends Error {
  readonly alert: number;

  constructor(alert: number, reason: string) {
    super(reason);
    this.name = 'DtlsFailure';
    this.alert = alert;
  }
}
