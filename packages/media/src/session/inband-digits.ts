import type { AudioCodec } from '../codec/audio-codec.ts';
import { DtmfDetector } from '../dsp/dtmf-detector.ts';
import type { RtpPacket } from '../rtp/packet.ts';
import type { AudioSink } from './packet-sink.ts';

const SAMPLE_RATE_HZ = 8000;
/** Enough silence to end a digit; pauses that were never sent (silence suppression) or lost are filled up to this. */
const MAX_PAUSE_SAMPLES = 800;
const MAX_PACKET_SAMPLES = 4096;

// One at a time uses it: a worker runs one packet after the other.
const samples = new Int16Array(MAX_PACKET_SAMPLES);
const pause = new Int16Array(MAX_PAUSE_SAMPLES);

/** Hears DTMF tones in the sound, for far sides that did not agree on RFC 4733 events. */
export class InbandDigits implements AudioSink {
  readonly #detector = new DtmfDetector({ sampleRateHz: SAMPLE_RATE_HZ });
  readonly #onDigit: (digit: string) => void;
  #expectedTimestamp = 0;
  #started = false;

  constructor(onDigit: (digit: string) => void) {
    this.#onDigit = onDigit;
  }

  accept(packet: RtpPacket, codec: AudioCodec): void {
    const n = Math.min(packet.payloadLength, MAX_PACKET_SAMPLES);
    const missing = (packet.timestamp - this.#expectedTimestamp) | 0;
    if (this.#started && missing > 0) this.#detect(pause, Math.min(missing, MAX_PAUSE_SAMPLES));
    this.#started = true;
    this.#expectedTimestamp = (packet.timestamp + n) | 0;
    codec.decode(packet.bytes, packet.payloadOffset, samples, 0, n);
    this.#detect(samples, n);
  }

  #detect(heard: Int16Array, n: number): void {
    const digits = this.#detector.process(heard, 0, n);
    for (let i = 0; i < digits.length; i++) this.#onDigit(digits.charAt(i));
  }
}
