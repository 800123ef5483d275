import type { AudioCodec } from '../codec/audio-codec.ts';
import type { RtpPacket } from '../rtp/packet.ts';
import type { AudioSink } from './packet-sink.ts';

/** Longest gap that is filled with silence: one that is longer is a jump of the far side's clock. */
const MAX_GAP_SAMPLES = 80_000;

/** Hands the far side's sound out of the worker, gaps filled with silence, for a phone to play or record. */
export class Capture implements AudioSink {
  readonly #onAudio: (samples: Int16Array) => void;
  #expectedTimestamp = 0;
  #started = false;

  constructor(onAudio: (samples: Int16Array) => void) {
    this.#onAudio = onAudio;
  }

  accept(packet: RtpPacket, codec: AudioCodec): void {
    const missing = this.#started ? (packet.timestamp - this.#expectedTimestamp) | 0 : 0;
    const gap = missing > 0 && missing <= MAX_GAP_SAMPLES ? missing : 0;
    const samples = new Int16Array(gap + packet.payloadLength);
    codec.decode(packet.bytes, packet.payloadOffset, samples, gap, packet.payloadLength);
    this.#started = true;
    this.#expectedTimestamp = (packet.timestamp + packet.payloadLength) | 0;
    this.#onAudio(samples);
  }
}
