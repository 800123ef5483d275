import type { CodecName } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import type { RtpPacket } from '../rtp/packet.ts';
import type { Outgoing } from '../session/outgoing.ts';
import type { PacketForward } from '../session/packet-forward.ts';
import type { PacketSource } from '../session/packet-source.ts';
import { PauseNoise } from '../session/pause-noise.ts';
import type { RtpSender } from '../session/rtp-sender.ts';
import { translationOf } from './g711-translation.ts';

/** A far side that sent nothing for this long (less the rest of a packet) is silent, and silence is sent in its place. */
const SILENT_AFTER_MS = 60;
/** Longer gaps in the numbers or timestamps are a new stream, not loss. */
const MAX_LOST_PACKETS = 64;
const MAX_STEP_MS = 2000;
/** Sound that comes after silence was sent in its place is left out; when more was sent, it is a new beginning. */
const MAX_REPLACED_MS = 400;
const FORWARDED_TONE_MS = 100;
const FORWARDED_GAP_MS = 50;
const LONGEST_PACKET_SAMPLES = 960;

// One at a time uses it: a worker makes one packet after the other.
const pauseSamples = new Int16Array(LONGEST_PACKET_SAMPLES);

export interface RelayOptions {
  /** The session that hears. */
  outgoing: Outgoing;
  /** Monotonic milliseconds. */
  now: () => number;
  /** The far side began to speak a codec that cannot be passed on. */
  onStrangeCodec: () => void;
}

/**
 * One direction of a bridge whose sides speak the same: packets go on as they come, under the stream of the session
 * that hears. Numbers and timestamps are shifted so that this stream goes on without a break over every change of what
 * is sent; what was lost or overtaken under way shows in them as it did before. Waits for no clock and allocates nothing.
 */
export class Relay implements PacketSource, PacketForward {
  /** Whether key presses go across as the events they came as; else they are sent anew. */
  #passesEvents = false;
  readonly #options: RelayOptions;
  readonly #outgoing: Outgoing;
  readonly #sender: RtpSender;
  /** Whether the shifts below hold. */
  #following = false;
  #ssrc = 0;
  #sequenceShift = 0;
  #timestampShift = 0;
  #lastSequence = 0;
  /** The listener's next number while nobody else sends to it; -1: nothing was sent yet. */
  #nextSequence = -1;
  #lastTimestamp = 0;
  /** Packets since the shifts were set: late ones from before are dropped. */
  #run = 0;
  #packetUnits = 0;
  /** Time of the listener's clock since the last packet. */
  #idleMs = Number.POSITIVE_INFINITY;
  #lastAtMs = Number.NEGATIVE_INFINITY;
  #silent = false;
  /** Silence was sent since the last packet; */
  #interrupted = false;
  /** and so much of it is not yet made up for by packets left out, in timestamp units. */
  #replacedUnits = 0;
  /** Packets are being left out, and nothing was due since the last of them: they come all at once. */
  #catchesUp = false;
  /** The far side said that it pauses: what comes next is no late rest of what came before. */
  #pauses = false;
  readonly #noise = new PauseNoise();
  #translatedFrom: CodecName | null = null;
  #translation: Uint8Array | null = null;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#outgoing = options.outgoing;
    this.#sender = options.outgoing.sender;
  }

  /** Offer and answer changed what the listener speaks. */
  reconfigure(passesEvents: boolean): void {
    this.#passesEvents = passesEvents;
    this.#translatedFrom = null;
  }

  forward(packet: RtpPacket, role: CodecName | 'telephone-event', late: boolean): void {
    if (!this.#outgoing.takes(this)) {
      // A prompt or digits are sent, or the listener is on hold.
      this.#following = false;
      return;
    }
    const isEvent = role === 'telephone-event';
    if (isEvent && !this.#passesEvents) return;
    if (!isEvent && role !== this.#sender.codec.name && !this.#translate(packet, role)) return;
    if (late) {
      this.#forwardLate(packet, isEvent);
      return;
    }
    // Others may have sent since, between two packets.
    if (this.#sender.nextSequence !== this.#nextSequence) this.#following = false;
    const followed = this.#following && this.#follows(packet, isEvent);
    if (this.#interrupted && followed && !isEvent && !this.#pauses && this.#isReplaced(packet)) {
      this.#keep(packet, isEvent);
      this.#catchesUp = true;
      this.#idleMs = 0;
      this.#lastAtMs = this.#options.now();
      return;
    }
    const starts = !followed || this.#interrupted;
    if (starts) this.#begin(packet);
    this.#run = starts ? 0 : this.#run + ((packet.sequence - this.#lastSequence) & 0xffff);
    this.#keep(packet, isEvent);
    this.#idleMs = 0;
    this.#lastAtMs = this.#options.now();
    this.#silent = false;
    this.#pauses = false;
    this.#noise.heard(this.#lastAtMs);
    const sender = this.#sender;
    const sequence = (packet.sequence + this.#sequenceShift) & 0xffff;
    const timestamp = (packet.timestamp + this.#timestampShift) | 0;
    this.#nextSequence = (sequence + 1) & 0xffff;
    sender.nextSequence = this.#nextSequence;
    if (!isEvent) sender.sentUntil = (timestamp + this.#packetUnits) | 0;
    sender.forward(packet, isEvent, starts, sequence, timestamp);
  }

  pressed(digit: string): void {
    if (!this.#passesEvents) this.#outgoing.sendDigits(digit, FORWARDED_TONE_MS, FORWARDED_GAP_MS, false);
  }

  pause(noise: RtpPacket | null): void {
    if (noise === null) {
      this.#noise.end();
      return;
    }
    this.#noise.heard(this.#options.now());
    this.#noise.describe(noise, this.#sender.codec.sampleRateHz);
    this.#pauses = true;
    this.#idleMs = Number.POSITIVE_INFINITY;
    this.#lastAtMs = Number.NEGATIVE_INFINITY;
  }

  /** Called by the listener's clock when a packet is due: the far side's own packets cover the time, or silence must. */
  sendPacket(sender: RtpSender, timestamp: number, first: boolean): boolean {
    this.#idleMs += sender.packetMs;
    if (sender.nextSequence !== this.#nextSequence) this.#following = false;
    // A worker that stood still reads what waited and then makes up for its clock: that is no pause of the far side.
    const isIdle =
      this.#idleMs >= SILENT_AFTER_MS && this.#options.now() - this.#lastAtMs >= SILENT_AFTER_MS - sender.packetMs;
    if (this.#following && !isIdle) return true;
    // With the silence before the first packet of it, in which nothing was sent.
    if (!this.#interrupted) this.#replacedUnits = Math.max(0, (timestamp - sender.sentUntil) | 0);
    this.#interrupted = true;
    this.#catchesUp = false;
    this.#replacedUnits += sender.unitsPerPacket;
    this.#sendPause(sender, timestamp, first || !this.#silent);
    this.#nextSequence = sender.nextSequence;
    this.#silent = true;
    return true;
  }

  /** The noise of the far side's pauses where it describes it, else silence. */
  #sendPause(sender: RtpSender, timestamp: number, marker: boolean): void {
    const n = sender.samplesPerPacket;
    pauseSamples.fill(0, 0, n);
    if (this.#noise.addTo(pauseSamples, n, this.#options.now())) sender.sendSamples(pauseSamples, 0, timestamp, marker);
    else sender.sendSilence(timestamp, marker);
  }

  #forwardLate(packet: RtpPacket, isEvent: boolean): void {
    const { nextSequence } = this.#sender;
    if (!this.#following || packet.ssrc !== this.#ssrc || this.#interrupted || nextSequence !== this.#nextSequence)
      return;
    const behind = (this.#lastSequence - packet.sequence) & 0xffff;
    if (behind > this.#run) return;
    const sequence = (packet.sequence + this.#sequenceShift) & 0xffff;
    this.#sender.forward(packet, isEvent, false, sequence, (packet.timestamp + this.#timestampShift) | 0);
  }

  /** Whether the packet goes on with the stream of the one before, possibly over a loss. */
  #follows(packet: RtpPacket, isEvent: boolean): boolean {
    if (packet.ssrc !== this.#ssrc) return false;
    const ahead = (packet.sequence - this.#lastSequence) & 0xffff;
    if (ahead === 0 || ahead > MAX_LOST_PACKETS) return false;
    // All reports of a key press carry the timestamp of its start.
    if (isEvent) return true;
    const step = (packet.timestamp - this.#lastTimestamp) | 0;
    return step > 0 && step <= (MAX_STEP_MS * this.#sender.codec.clockRateHz) / 1000;
  }

  /** Sound without a pause in it, that comes late because the network stood still: silence has taken its time. */
  #isReplaced(packet: RtpPacket): boolean {
    const ahead = (packet.sequence - this.#lastSequence) & 0xffff;
    const step = (packet.timestamp - this.#lastTimestamp) | 0;
    // At their own pace again: the network is slower from now on, and leaving out each of them would never end.
    if (this.#catchesUp && this.#idleMs > 0) return false;
    const mostUnits = (MAX_REPLACED_MS * this.#sender.codec.clockRateHz) / 1000;
    if (step !== ahead * this.#packetUnits || this.#replacedUnits > mostUnits) return false;
    if (this.#replacedUnits < this.#packetUnits) return false;
    this.#replacedUnits -= this.#packetUnits;
    return true;
  }

  #keep(packet: RtpPacket, isEvent: boolean): void {
    const ahead = (packet.sequence - this.#lastSequence) & 0xffff;
    this.#lastSequence = packet.sequence;
    if (isEvent) return;
    const step = (packet.timestamp - this.#lastTimestamp) | 0;
    if (this.#following && ahead === 1 && step > 0 && step <= 3 * this.#sender.unitsPerPacket) this.#packetUnits = step;
    this.#lastTimestamp = packet.timestamp;
    this.#following = true;
  }

  #begin(packet: RtpPacket): void {
    this.#ssrc = packet.ssrc;
    this.#sequenceShift = this.#sender.nextSequence - packet.sequence;
    this.#timestampShift = (this.#outgoing.nextTimestamp - packet.timestamp) | 0;
    this.#lastTimestamp = packet.timestamp;
    this.#packetUnits = this.#sender.unitsPerPacket;
    this.#interrupted = false;
    this.#catchesUp = false;
    this.#replacedUnits = 0;
    this.#following = true;
  }

  #translate(packet: RtpPacket, role: CodecName): boolean {
    if (this.#translatedFrom !== role) {
      this.#translatedFrom = role;
      this.#translation = translationOf(role, this.#sender.codec.name);
    }
    const table = this.#translation;
    if (table === null || AUDIO_CODECS[role].silence === null) {
      this.#options.onStrangeCodec();
      return false;
    }
    const { bytes, payloadOffset, payloadLength } = packet;
    const end = payloadOffset + payloadLength;
    for (let at = payloadOffset; at < end; at++) bytes[at] = table[bytes[at] as number] as number;
    return true;
  }
}
