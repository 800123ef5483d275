import type { AudioCodec, AudioEncoder, EncoderParameters } from '../codec/audio-codec.ts';
import { RTP_HEADER_BYTES, type RtpPacket, writeRtpHeader } from '../rtp/packet.ts';
import { EVENT_BYTES, writeTelephoneEvent } from '../rtp/telephone-event.ts';
import type { MediaAgreement } from '../sdp/agreement.ts';
import { Seam } from './seam.ts';
import type { SentTap } from './sent-tap.ts';

/** Sends one finished datagram; the bytes are reused afterwards. */
export type SendPacket = (packet: Uint8Array) => void;

/** The level of digits we send as events, in dBm0 below zero, as most phones do. */
const EVENT_VOLUME = 10;
/** The longest payload of any codec and packet length: Opus, RFC 6716 §3.2.1. */
const MAX_PAYLOAD_BYTES = 1275;
const LONGEST_PACKET_SAMPLES = 960;
const ZEROS = new Int16Array(LONGEST_PACKET_SAMPLES);

/** The one outgoing RTP stream of a session: one SSRC, sequence numbers without a gap, two buffers reused for ever. */
export class RtpSender {
  packetsSent = 0;
  octetsSent = 0;
  /** The event payload type in force; null when digits must be tones. */
  eventPayloadType: number | null = null;
  /** Unit of the lengths in events. */
  eventClockRateHz = 8000;
  codec: AudioCodec;
  /** Length of each audio packet. */
  packetMs = 0;
  /** The same in units of the RTP timestamp. */
  unitsPerPacket = 0;
  /** The same in samples at the rate of {@link codec}. */
  samplesPerPacket = 0;
  /** The audio packet; sources of codecs that encode beforehand write its payload from {@link RTP_HEADER_BYTES} on. */
  readonly packet = new Uint8Array(RTP_HEADER_BYTES + MAX_PAYLOAD_BYTES);
  /** Between the sources that follow each other. */
  readonly seam = new Seam();
  /** Is shown all that is sent. */
  tap: SentTap | null = null;
  /** Where the sound sent so far ends, in timestamp units. */
  sentUntil: number;
  /** The used part of {@link packet} for every length that was needed so far. */
  readonly #datagrams: (Uint8Array | undefined)[] = [];
  readonly #event = new Uint8Array(RTP_HEADER_BYTES + EVENT_BYTES);
  readonly #send: SendPacket;
  readonly #ssrc: number;
  #encoder: AudioEncoder;
  #parameters: EncoderParameters | null = null;
  #payloadType = 0;
  /** The sequence number of the next packet. */
  nextSequence: number;

  /** `ssrc` and `firstTimestamp` are signed 32-bit numbers, `firstSequence` an unsigned 16-bit one. */
  constructor(send: SendPacket, codec: AudioCodec, ssrc: number, firstSequence: number, firstTimestamp: number) {
    this.#send = send;
    this.codec = codec;
    this.#encoder = codec.createEncoder();
    this.#ssrc = ssrc;
    this.nextSequence = firstSequence;
    this.sentUntil = firstTimestamp;
  }

  configure(codec: AudioCodec, agreement: MediaAgreement): void {
    const { encoder, packetMs } = agreement;
    // An encoder remembers: it goes on over a re-INVITE that changes nothing for it.
    if (codec !== this.codec || !sameParameters(encoder, this.#parameters)) {
      this.#encoder = codec.createEncoder(encoder ?? undefined);
    }
    this.codec = codec;
    this.#parameters = encoder;
    this.#payloadType = agreement.payloadType;
    this.eventPayloadType = agreement.eventPayloadType;
    this.eventClockRateHz = agreement.eventClockRateHz;
    this.packetMs = packetMs;
    this.unitsPerPacket = (packetMs * codec.clockRateHz) / 1000;
    this.samplesPerPacket = (packetMs * codec.sampleRateHz) / 1000;
  }

  /** Whether the far side misses packets of ours; true until it has said otherwise. */
  expectLosses(expected: boolean): void {
    this.#encoder.expectLosses?.(expected);
  }

  /** Encodes {@link samplesPerPacket} samples from `at` and sends them: the way of every codec. */
  sendSamples(samples: Int16Array, at: number, timestamp: number, marker: boolean): void {
    const { codec, packet, samplesPerPacket: n } = this;
    const joined = marker && codec.silence === null ? this.seam.joinSamples(codec, samples, at, n) : samples;
    const octets = this.#encoder.encode(joined, joined === samples ? at : 0, n, packet, RTP_HEADER_BYTES);
    this.sendPayload(octets, timestamp, marker);
    if (codec.silence === null) this.seam.keepSample(samples[at + n - 1] as number);
  }

  /** Sends {@link packet} with the payload of so many octets that it holds. */
  sendPayload(octets: number, timestamp: number, marker: boolean): void {
    const { codec, packet } = this;
    if (codec.silence !== null) {
      if (marker) this.seam.joinPayload(codec, packet, RTP_HEADER_BYTES, octets, false);
      this.seam.keepOctet(packet[RTP_HEADER_BYTES + octets - 1] as number);
    }
    writeRtpHeader(this.packet, marker, this.#payloadType, this.#takeSequence(), timestamp, this.#ssrc);
    this.sentUntil = (timestamp + this.unitsPerPacket) | 0;
    this.#count(octets);
    this.tap?.audio(this.codec, this.packet, RTP_HEADER_BYTES, octets, timestamp);
    this.#send(this.#datagram(octets));
  }

  /**
   * Sends a packet of another stream as one of this stream, without touching {@link nextSequence} and
   * {@link sentUntil}. Its header is written into `packet.bytes`. `starts`: another source sent before.
   */
  forward(packet: RtpPacket, isEvent: boolean, starts: boolean, sequence: number, timestamp: number): void {
    const { bytes, payloadOffset, payloadLength } = packet;
    const { codec } = this;
    if (isEvent) this.seam.forget();
    else if (codec.silence !== null) {
      if (starts) this.seam.joinPayload(codec, bytes, payloadOffset, payloadLength, true);
      this.seam.keepOctet(bytes[payloadOffset + payloadLength - 1] as number);
    }
    const payloadType = isEvent ? (this.eventPayloadType ?? 0) : this.#payloadType;
    let datagram = bytes;
    if (payloadOffset !== RTP_HEADER_BYTES || bytes.length !== RTP_HEADER_BYTES + payloadLength) {
      // Contributing sources, extensions and padding are the other stream's own.
      if (payloadLength > MAX_PAYLOAD_BYTES) return;
      for (let i = 0; i < payloadLength; i++) this.packet[RTP_HEADER_BYTES + i] = bytes[payloadOffset + i] as number;
      datagram = this.#datagram(payloadLength);
    }
    writeRtpHeader(datagram, packet.marker || starts, payloadType, sequence, timestamp, this.#ssrc);
    this.#count(payloadLength);
    if (isEvent) this.tap?.digit();
    else this.tap?.audio(this.codec, datagram, RTP_HEADER_BYTES, payloadLength, timestamp);
    this.#send(datagram);
  }

  sendSilence(timestamp: number, marker: boolean): void {
    const { silence } = this.codec;
    if (silence === null) {
      this.sendSamples(ZEROS, 0, timestamp, marker);
      return;
    }
    this.packet.fill(silence, RTP_HEADER_BYTES, RTP_HEADER_BYTES + this.samplesPerPacket);
    this.sendPayload(this.samplesPerPacket, timestamp, marker);
  }

  /** Sends one report of a key press that began at `timestamp` (RFC 4733 §2.5.1); silence when events are not agreed. */
  sendEvent(timestamp: number, marker: boolean, code: number, end: boolean, duration: number): void {
    const payloadType = this.eventPayloadType;
    if (payloadType === null) {
      this.sendSilence(timestamp, marker);
      return;
    }
    writeRtpHeader(this.#event, marker, payloadType, this.#takeSequence(), timestamp, this.#ssrc);
    this.seam.forget();
    writeTelephoneEvent(this.#event, RTP_HEADER_BYTES, code, end, EVENT_VOLUME, duration);
    this.#count(EVENT_BYTES);
    this.tap?.digit();
    this.#send(this.#event);
  }

  #takeSequence(): number {
    const sequence = this.nextSequence;
    this.nextSequence = (sequence + 1) & 0xffff;
    return sequence;
  }

  #datagram(octets: number): Uint8Array {
    const known = this.#datagrams[octets];
    if (known !== undefined) return known;
    const datagram = this.packet.subarray(0, RTP_HEADER_BYTES + octets);
    this.#datagrams[octets] = datagram;
    return datagram;
  }

  #count(payloadOctets: number): void {
    this.packetsSent++;
    this.octetsSent += payloadOctets;
  }
}

function sameParameters(a: EncoderParameters | null, b: EncoderParameters | null): boolean {
  return (
    a?.maxBitrateBps === b?.maxBitrateBps &&
    a?.forwardErrorCorrection === b?.forwardErrorCorrection &&
    a?.constantBitrate === b?.constantBitrate
  );
}
