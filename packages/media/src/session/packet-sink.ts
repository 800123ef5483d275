import type { AudioCodec } from '../codec/audio-codec.ts';
import type { RtpPacket } from '../rtp/packet.ts';

/** Something that takes the far side's sound: the detector of in-band digits today. */
export interface AudioSink {
  /** One audio packet in order of arrival, no duplicates and none older than the one before; reused after the call. */
  accept(packet: RtpPacket, codec: AudioCodec): void;
}
