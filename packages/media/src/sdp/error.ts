/** An offer or answer that cannot be taken. `status` is the SIP answer it deserves, `message` says why, for people. */
export class SdpError extends Error {
  /** 400: cannot be read as SDP; 488: readable, but nothing in common. */
  readonly status: 400 | 488;

  constructor(status: 400 | 488, reason: string) {
    super(reason);
    this.name = 'SdpError';
    this.status = status;
  }
}
