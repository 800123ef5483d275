/** Payload types: static ones (RFC 3551), all with a clock of 8000 Hz in SDP, and one for Opus. */
export const PAYLOAD_TYPES = { PCMU: 0, PCMA: 8, G722: 9, opus: 111 };

export interface SdpOptions {
  ip: string;
  port: number;
  /** Default `sendrecv`. */
  direction?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  /** RTP payload types offered, in order. Default PCMU. */
  codecs?: (keyof typeof PAYLOAD_TYPES)[];
  /** Offer telephone-event/101. Default true. */
  telephoneEvent?: boolean;
  version?: number;
}

/** Session description of one audio stream. */
export function sdp(options: SdpOptions): string {
  const codecs = options.codecs ?? ['PCMU'];
  const events = options.telephoneEvent ?? true;
  const types = [...codecs.map((codec) => PAYLOAD_TYPES[codec]), ...(events ? [101] : [])];
  return [
    'v=0',
    `o=e2e 1 ${options.version ?? 1} IN IP4 127.0.0.1`,
    's=-',
    `c=IN IP4 ${options.ip}`,
    't=0 0',
    `m=audio ${options.port} RTP/AVP ${types.join(' ')}`,
    ...codecs.map((codec) => `a=rtpmap:${PAYLOAD_TYPES[codec]} ${codec}/${codec === 'opus' ? '48000/2' : '8000'}`),
    ...(events ? ['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-16'] : []),
    'a=ptime:20',
    `a=${options.direction ?? 'sendrecv'}`,
    '',
  ].join('\n');
}
