import type { AudioCodec } from '../codec/audio-codec.ts';
import { RTP_HEADER_BYTES } from '../rtp/packet.ts';
import type { PacketSource } from './packet-source.ts';
import type { EncodedPrompt, Prompt } from './prompt.ts';
import type { RtpSender } from './rtp-sender.ts';

/** Plays a prompt once. The last packet is filled up with silence. */
export class Player implements PacketSource {
  readonly #prompt: Prompt;
  #position: number;
  #codec: AudioCodec | null = null;
  #encoded: EncodedPrompt | null = null;

  /** Begins at sample `position`. */
  constructor(prompt: Prompt, position: number) {
    this.#prompt = prompt;
    this.#position = position;
  }

  sendPacket(sender: RtpSender, timestamp: number, first: boolean): boolean {
    const n = sender.samplesPerPacket;
    this.#encodingFor(sender.codec).copy(this.#position, sender.packet, RTP_HEADER_BYTES, n);
    sender.sendAudio(timestamp, first);
    return this.skip(n);
  }

  /** Lets time pass without sending. False when the end is reached. */
  skip(sampleCount: number): boolean {
    this.#position += sampleCount;
    return this.#position < this.#prompt.length;
  }

  /** A re-INVITE may change the codec in the middle of a prompt. */
  #encodingFor(codec: AudioCodec): EncodedPrompt {
    if (this.#encoded === null || this.#codec !== codec) {
      this.#encoded = this.#prompt.encodedFor(codec);
      this.#codec = codec;
    }
    return this.#encoded;
  }
}
