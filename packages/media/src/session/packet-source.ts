import type { RtpSender } from './rtp-sender.ts';

/** Something that fills the outgoing stream, packet by packet: a prompt, digits, silence. */
export interface PacketSource {
  /**
   * Sends exactly one packet (none when it sends its packets by itself as they come) that covers `sender.packetMs` from `timestamp`. `first`: another source sent before,
   * so the packet begins a talk spurt. False when it was the last one of this source.
   */
  sendPacket(sender: RtpSender, timestamp: number, first: boolean): boolean;
}
