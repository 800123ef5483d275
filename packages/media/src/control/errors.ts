/** Every port of the RTP range is in use or still resting after its last call. */
export class MediaPortsExhausted extends Error {
  constructor(portLow: number, portHigh: number) {
    const calls = Math.max(0, Math.floor((portHigh - portLow + 1) / 2));
    super(
      `No RTP port is free in ${portLow}-${portHigh} (room for ${calls} sessions, two ports each; a port rests a moment ` +
        'after its session). Widen the range: portLow and portHigh of the media engine, "--rtp HOST:LOW-HIGH" of the server',
    );
    this.name = 'MediaPortsExhausted';
  }
}

/** The engine cannot work with these settings, or cannot bind what they name. The message says which and why. */
export class MediaConfigError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MediaConfigError';
  }
}

/** A call that does not fit the state: an unknown prompt, a closed session. The message says which. */
export class MediaUsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MediaUsageError';
  }
}
