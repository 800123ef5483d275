import type { AudioCodec } from '../codec/audio-codec.ts';
import { RTP_HEADER_BYTES, writeRtpHeader } from '../rtp/packet.ts';
import { EVENT_BYTES, writeTelephoneEvent } from '../rtp/telephone-event.ts';

/** Sends one finished datagram; the bytes are reused afterwards. */
export type SendPacket = (packet: Uint8Array) => void;

/** The level of digits we send as events, in dBm0 below zero, as most phones do. */
const EVENT_VOLUME = 10;

/** The one outgoing RTP stream of a session: one SSRC, sequence numbers without a gap, two buffers reused for ever. */
export class RtpSender {
  packetsSent = 0;
  octetsSent = 0;
  /** The event payload type in force; null when digits must be tones. */
  eventPayloadType: number | null = null;
  codec: AudioCodec;
  /** Samples in each audio packet, which is also its length in timestamp units. */
  samplesPerPacket = 0;
  /** The audio packet; sources write its payload from {@link RTP_HEADER_BYTES} on. */
  packet: Uint8Array = new Uint8Array(RTP_HEADER_BYTES);
  readonly #event = new Uint8Array(RTP_HEADER_BYTES + EVENT_BYTES);
  readonly #send: SendPacket;
  readonly #ssrc: number;
  #payloadType = 0;
  #sequence: number;

  /** `ssrc` is a signed 32-bit number, `firstSequence` an unsigned 16-bit one. */
  constructor(send: SendPacket, codec: AudioCodec, ssrc: number, firstSequence: number) {
    this.#send = send;
    this.codec = codec;
    this.#ssrc = ssrc;
    this.#sequence = firstSequence;
  }

  configure(codec: AudioCodec, payloadType: number, eventPayloadType: number | null, samplesPerPacket: number): void {
    this.codec = codec;
    this.#payloadType = payloadType;
    this.eventPayloadType = eventPayloadType;
    if (samplesPerPacket === this.samplesPerPacket) return;
    this.samplesPerPacket = samplesPerPacket;
    this.packet = new Uint8Array(RTP_HEADER_BYTES + samplesPerPacket);
  }

  /** Sends {@link packet} with the payload it holds. */
  sendAudio(timestamp: number, marker: boolean): void {
    writeRtpHeader(this.packet, marker, this.#payloadType, this.#nextSequence(), timestamp, this.#ssrc);
    this.#count(this.samplesPerPacket);
    this.#send(this.packet);
  }

  sendSilence(timestamp: number, marker: boolean): void {
    this.packet.fill(this.codec.silence, RTP_HEADER_BYTES);
    this.sendAudio(timestamp, marker);
  }

  /** Sends one report of a key press that began at `timestamp` (RFC 4733 §2.5.1); silence when events are not agreed. */
  sendEvent(timestamp: number, marker: boolean, code: number, end: boolean, duration: number): void {
    const payloadType = this.eventPayloadType;
    if (payloadType === null) {
      this.sendSilence(timestamp, marker);
      return;
    }
    writeRtpHeader(this.#event, marker, payloadType, this.#nextSequence(), timestamp, this.#ssrc);
    writeTelephoneEvent(this.#event, RTP_HEADER_BYTES, code, end, EVENT_VOLUME, duration);
    this.#count(EVENT_BYTES);
    this.#send(this.#event);
  }

  #nextSequence(): number {
    const sequence = this.#sequence;
    this.#sequence = (sequence + 1) & 0xffff;
    return sequence;
  }

  #count(payloadOctets: number): void {
    this.packetsSent++;
    this.octetsSent += payloadOctets;
  }
}
