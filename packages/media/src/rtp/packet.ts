/** Bytes of an RTP header without contributing sources and extension. */
export const RTP_HEADER_BYTES = 12;

/**
 * One received RTP packet (RFC 3550 §5.1), as offsets into the datagram. One instance is reused for every packet.
 *
 *      0                   1                   2                   3
 *     |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 *     |                           timestamp                           |
 *     |                             SSRC                              |
 *
 * `timestamp` and `ssrc` are signed 32-bit: such numbers need no heap object, and only differences and equality matter.
 */
export class RtpPacket {
  bytes: Uint8Array = new Uint8Array(0);
  marker = false;
  payloadType = 0;
  sequence = 0;
  timestamp = 0;
  ssrc = 0;
  payloadOffset = 0;
  payloadLength = 0;

  /**
   * Reads a datagram. False when it is not an RTP packet with all it announces: wrong version, cut short, padding longer
   * than the payload, or RTCP multiplexed on the port (RFC 5761 §4). The fields are then undefined.
   */
  read(bytes: Uint8Array): boolean {
    const length = bytes.length;
    if (length < RTP_HEADER_BYTES) return false;
    const first = bytes[0] as number;
    const second = bytes[1] as number;
    if (first >> 6 !== 2 || (second >= 192 && second <= 223)) return false;
    let offset = RTP_HEADER_BYTES + (first & 0x0f) * 4;
    if (first & 0x10) {
      if (offset + 4 > length) return false;
      offset += 4 + (((bytes[offset + 2] as number) << 8) | (bytes[offset + 3] as number)) * 4;
    }
    if (offset > length) return false;
    let payloadLength = length - offset;
    if (first & 0x20) {
      const padding = bytes[length - 1] as number;
      if (padding === 0 || padding > payloadLength) return false;
      payloadLength -= padding;
    }
    this.bytes = bytes;
    this.marker = second >= 128;
    this.payloadType = second & 0x7f;
    this.sequence = ((bytes[2] as number) << 8) | (bytes[3] as number);
    this.timestamp = readInt32(bytes, 4);
    this.ssrc = readInt32(bytes, 8);
    this.payloadOffset = offset;
    this.payloadLength = payloadLength;
    return true;
  }
}

/** Writes a header of {@link RTP_HEADER_BYTES} without padding, extension or contributing sources at the start of `bytes`. */
export function writeRtpHeader(
  bytes: Uint8Array,
  marker: boolean,
  payloadType: number,
  sequence: number,
  timestamp: number,
  ssrc: number,
): void {
  bytes[0] = 0x80;
  bytes[1] = marker ? payloadType | 0x80 : payloadType;
  bytes[2] = sequence >> 8;
  bytes[3] = sequence;
  writeInt32(bytes, 4, timestamp);
  writeInt32(bytes, 8, ssrc);
}

function readInt32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

function writeInt32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 24;
  bytes[at + 1] = value >> 16;
  bytes[at + 2] = value >> 8;
  bytes[at + 3] = value;
}
