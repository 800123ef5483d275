import { type AudioCodec, isOctetCodec, type OctetCodec } from '../codec/audio-codec.ts';
import { RateConverter } from '../dsp/rate-converter.ts';
import { RTP_HEADER_BYTES } from '../rtp/packet.ts';
import type { PacketSource } from './packet-source.ts';
import { type EncodedPrompt, PROMPT_RATE_HZ, type Prompt } from './prompt.ts';
import type { RtpSender } from './rtp-sender.ts';

const LONGEST_PACKET_SAMPLES = 960;

// One at a time uses them: a worker sends one packet after the other.
const piece = new Int16Array(LONGEST_PACKET_SAMPLES);
const converted = new Int16Array(LONGEST_PACKET_SAMPLES);

/** Plays a prompt once. The last packet is filled up with silence. */
export class Player implements PacketSource {
  readonly #prompt: Prompt;
  #position: number;
  #codec: AudioCodec | null = null;
  #encoded: EncodedPrompt | null = null;
  #converter: RateConverter | null = null;
  /** The end of the prompt comes out of the converter this much later. */
  #lateSamples = 0;

  constructor(prompt: Prompt, offsetMs: number) {
    this.#prompt = prompt;
    this.#position = Math.round((offsetMs * prompt.sampleRateHz) / 1000);
  }

  sendPacket(sender: RtpSender, timestamp: number, first: boolean): boolean {
    const { codec, packetMs } = sender;
    const { sampleRateHz } = this.#prompt;
    const n = (packetMs * sampleRateHz) / 1000;
    if (sampleRateHz === PROMPT_RATE_HZ && isOctetCodec(codec)) {
      this.#encodingFor(codec).copy(this.#position, sender.packet, RTP_HEADER_BYTES, n);
      sender.sendPayload(n, timestamp, first);
    } else {
      sender.sendSamples(this.#samplesFor(codec, n), 0, timestamp, first);
    }
    return this.skip(packetMs);
  }

  /** Lets time pass without sending. False when the end is reached. */
  skip(packetMs: number): boolean {
    this.#position += (packetMs * this.#prompt.sampleRateHz) / 1000;
    return this.#position < this.#prompt.samples.length + this.#lateSamples;
  }

  /** A re-INVITE may change the codec in the middle of a prompt. */
  #encodingFor(codec: OctetCodec): EncodedPrompt {
    if (this.#encoded === null || this.#codec !== codec) {
      this.#encoded = this.#prompt.encodedFor(codec);
      this.#codec = codec;
    }
    return this.#encoded;
  }

  /** The next `n` samples of the prompt at the codec's rate, silence behind its end. */
  #samplesFor(codec: AudioCodec, n: number): Int16Array {
    const { samples, sampleRateHz } = this.#prompt;
    const available = Math.max(0, Math.min(n, samples.length - this.#position));
    for (let i = 0; i < available; i++) piece[i] = samples[this.#position + i] as number;
    piece.fill(0, available, n);
    if (codec.sampleRateHz === sampleRateHz) return piece;
    if (this.#converter === null) {
      this.#converter = new RateConverter(sampleRateHz, codec.sampleRateHz);
      this.#lateSamples = Math.ceil((this.#converter.delayMs * sampleRateHz) / 1000);
    }
    this.#converter.process(piece, 0, n, converted, 0);
    return converted;
  }
}
