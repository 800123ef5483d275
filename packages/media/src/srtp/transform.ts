/** The numbers that make a packet's keystream its own. */
export interface PacketNumbers {
  ssrc: number;
  /** Upper 32 bits and lower 16 bits of the packet index. */
  roc: number;
  sequence: number;
}

/** Encrypts and authenticates single packets of one stream (RTP or RTCP) of one direction. */
export interface SrtpTransform {
  /**
   * Encrypts `packet` from `headerBytes` on into `target`, and adds the tag. `trailer`: the SRTCP word after the text, or
   * null. Returns the octets written.
   */
  seal(
    packet: Uint8Array,
    headerBytes: number,
    numbers: PacketNumbers,
    trailer: number | null,
    target: Uint8Array,
  ): number;
  /**
   * The reverse, for the first `length` octets of `packet`: octets written into `target`, or -1 when the packet is not
   * authentic; then `target` holds nothing of use.
   */
  open(
    packet: Uint8Array,
    headerBytes: number,
    length: number,
    numbers: PacketNumbers,
    hasTrailer: boolean,
    target: Uint8Array,
  ): number;
}
