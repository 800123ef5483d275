/** The longest datagram we protect or open; anything longer is no audio. */
export const MAX_SRTP_BYTES = 2048;
/** Tag and SRTCP word at most. */
export const MAX_SRTP_OVERHEAD = 20;
/** Of an RTCP packet only the first header and the SSRC stay readable (RFC 3711 §3.4). */
export const RTCP_CLEAR_BYTES = 8;

const RTP_FIXED_BYTES = 12;

/** Octets that stay readable: the RTP header with contributing sources and extension; -1 for no RTP. */
export function rtpHeaderBytes(bytes: Uint8Array): number {
  const length = bytes.length;
  if (length < RTP_FIXED_BYTES) return -1;
  const first = bytes[0] as number;
  if (first >> 6 !== 2) return -1;
  let at = RTP_FIXED_BYTES + (first & 0x0f) * 4;
  if (first & 0x10) {
    if (at + 4 > length) return -1;
    at += 4 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) * 4;
  }
  return at > length ? -1 : at;
}

/** A buffer whose starts are handed out as views, each made once: a view per packet would be garbage per packet. */
export class ReusedPacket {
  readonly bytes = new Uint8Array(MAX_SRTP_BYTES + MAX_SRTP_OVERHEAD);
  readonly #views = new Map<number, Uint8Array>();

  start(length: number): Uint8Array {
    let view = this.#views.get(length);
    if (view === undefined) {
      view = this.bytes.subarray(0, length);
      this.#views.set(length, view);
    }
    return view;
  }
}
