import type { CodecName } from '../codec/audio-codec.ts';
import type { RtpPacket } from '../rtp/packet.ts';

/** Takes what the far side sends to another session, packet by packet as they arrive. */
export interface PacketForward {
  /**
   * One audio or event packet, no duplicate; `late`: one with a higher number came before. The packet's bytes may be
   * written over.
   */
  forward(packet: RtpPacket, role: CodecName | 'telephone-event', late: boolean): void;
  /** A key press began that came as an event. */
  pressed(digit: string): void;
  /** The far side says nothing for a while, and describes the noise of it (RFC 3389); null: nothing is heard of it, as on hold. */
  pause(noise: RtpPacket | null): void;
}
