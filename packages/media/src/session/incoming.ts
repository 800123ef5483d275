import type { CodecName, FrameDecoder } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import type { CallHealth } from '../health/call-health.ts';
import { RtpPacket } from '../rtp/packet.ts';
import { Reception, type ReceptionFigures } from '../rtp/reception.ts';
import { type LatchTimes, SourceLatch } from '../rtp/source-latch.ts';
import { TelephoneEventReceiver } from '../rtp/telephone-event-receiver.ts';
import { EVENT_CLOCK_RATE_HZ, type MediaAgreement, type PayloadRole } from '../sdp/agreement.ts';
import type { ArrivalStage } from './arrival-stage.ts';
import { Capture } from './capture.ts';
import type { ReportEvent, SessionStats } from './events.ts';
import type { FarSound, FrameStage } from './frame-stage.ts';
import { InbandDigits } from './inband-digits.ts';
import type { PacketForward } from './packet-forward.ts';
import type { AudioSink } from './packet-sink.ts';

export interface IncomingOptions {
  /** Makes frames of the sound for those who want them. */
  stage: FrameStage;
  report: ReportEvent;
  latchTimes: LatchTimes;
  /** Silence after which `rtpTimeout` is reported; 0 never. */
  rtpTimeoutMs: number;
  /** Report all sound as `audio`. */
  capture: boolean;
}

/** What {@link Incoming} knows of a session's figures. */
export type ReceptionStats = Pick<
  SessionStats,
  'packetsReceived' | 'octetsReceived' | 'lost' | 'duplicates' | 'jitterMs' | 'malformed' | 'unknownPayload' | 'foreign'
>;

const PAYLOAD_TYPES = 128;

// One at a time uses it: a worker reads one packet after the other.
const packet = new RtpPacket();
/** Room for the longest payload of any codec: 250 ms at 16 kHz. */
const samples = new Int16Array(4096);

/** What we receive: validates, finds the source, counts, and hands sound and events to their sinks. */
export class Incoming {
  readonly latch: SourceLatch;
  /** Another session that gets the packets as they come. */
  forward: PacketForward | null = null;
  /** Makes frames of the sound as soon as it comes, for those who want them. */
  arrivals: ArrivalStage | null = null;
  /** Watches what comes. */
  health: CallHealth | null = null;
  /** Is told of every packet of a key press. */
  onEventPacket: ((nowMs: number) => void) | null = null;
  readonly #reception = new Reception(EVENT_CLOCK_RATE_HZ);
  readonly #options: IncomingOptions;
  /** By payload type. */
  readonly #roles: (PayloadRole | null)[] = new Array<PayloadRole | null>(PAYLOAD_TYPES).fill(null);
  #events: TelephoneEventReceiver | null = null;
  #eventClockRateHz = EVENT_CLOCK_RATE_HZ;
  #sinks: AudioSink[] = [];
  /** What the far side spoke last, and what its next packet's timestamp should be. */
  #codec: CodecName | null = null;
  /** Of all codecs heard so far: a far side may change between them with every packet. */
  readonly #decoders = new Map<CodecName, FrameDecoder>();
  #expectedTimestamp = 0;
  #digitSink: AudioSink | null = null;
  readonly #capture: AudioSink | null;
  #mayTimeOut = false;
  #heard = false;
  #timedOut = false;
  #silentSinceMs = 0;
  #malformed = 0;
  #unknownPayload = 0;
  #foreign = 0;

  constructor(options: IncomingOptions) {
    this.#options = options;
    this.latch = new SourceLatch(options.latchTimes);
    this.#capture = options.capture
      ? new Capture((heard, sampleRateHz) => options.report('audio', { samples: heard, sampleRateHz }))
      : null;
  }

  configure(agreement: MediaAgreement, nowMs: number): void {
    this.latch.signal(agreement.remote);
    this.#roles.fill(null);
    for (const { payloadType, role } of agreement.receive) this.#roles[payloadType & (PAYLOAD_TYPES - 1)] = role;
    if (agreement.eventPayloadType === null) {
      this.#events = null;
      this.#digitSink ??= this.#inbandDigits();
    } else {
      if (this.#events === null || this.#eventClockRateHz !== agreement.eventClockRateHz) {
        this.#eventClockRateHz = agreement.eventClockRateHz;
        this.#events = new TelephoneEventReceiver(agreement.eventClockRateHz);
      }
      this.#digitSink = null;
    }
    if (!agreement.mayReceive) {
      this.#options.stage.endNoise();
      this.arrivals?.endNoise();
      this.forward?.pause(null);
    }
    this.#sinks = [this.#digitSink, this.#capture].filter((sink) => sink !== null);
    // A far side on hold or muted by its direction owes us nothing.
    this.#mayTimeOut = this.#options.rtpTimeoutMs > 0 && agreement.maySend && agreement.mayReceive;
    this.#silentSinceMs = nowMs;
  }

  /** Takes one datagram, whatever it holds. */
  accept(bytes: Uint8Array, address: string, port: number, nowMs: number): void {
    // Nothing can be sent back to port 0, so nobody honest sends from it.
    if (port === 0 || !packet.read(bytes)) {
      this.#malformed++;
      return;
    }
    const role = this.#roles[packet.payloadType] ?? null;
    if (role === null || packet.payloadLength === 0) {
      this.#unknownPayload++;
      return;
    }
    if (!this.latch.accept(address, port, packet.ssrc, packet.sequence, nowMs)) {
      this.#foreign++;
      return;
    }
    this.#silentSinceMs = nowMs;
    this.#timedOut = false;
    if (!this.#heard) {
      this.#heard = true;
      this.#options.report('firstPacket', { address, port });
    }
    const isAudio = role !== 'telephone-event' && role !== 'CN';
    if (isAudio) this.#reception.changeClock(AUDIO_CODECS[role].clockRateHz);
    const order = this.#reception.accept(packet, nowMs, isAudio);
    if (order === 'ignored') return;
    this.health?.received(role, packet, nowMs);
    if (role === 'telephone-event') {
      this.onEventPacket?.(nowMs);
      this.#acceptEvent();
    }
    if (isAudio) this.#acceptAudio(role, order === 'fresh');
    const { stage } = this.#options;
    if (stage.active) give(stage, role, nowMs);
    if (this.arrivals !== null) give(this.arrivals, role, nowMs);
    // Last, because it may write over the packet.
    if (this.forward === null) return;
    if (role !== 'CN') this.forward.forward(packet, role, order === 'late');
    else if (order === 'fresh') this.forward.pause(packet);
  }

  /** A report of the far side came: it is there, whether or not it says anything. */
  reported(nowMs: number): void {
    this.#silentSinceMs = nowMs;
    this.#timedOut = false;
  }

  /** To be called every few milliseconds: looks at the time-outs. */
  tick(nowMs: number): void {
    this.latch.relax(nowMs);
    this.arrivals?.tick(nowMs);
    if (!this.#mayTimeOut || this.#timedOut) return;
    const silentMs = nowMs - this.#silentSinceMs;
    if (silentMs < this.#options.rtpTimeoutMs) return;
    this.#timedOut = true;
    this.#options.report('rtpTimeout', { silentMs: Math.round(silentMs) });
  }

  /** What a report says of the far side's stream. */
  get reception(): ReceptionFigures {
    return this.#reception;
  }

  /** Whether losses come in bursts: see {@link Reception.burstRatio}. */
  get burstRatio(): number {
    return this.#reception.burstRatio;
  }

  /** The receiving half of the session's figures. */
  get stats(): ReceptionStats {
    const { packets, octets, lost, duplicates, jitterMs } = this.#reception;
    return {
      packetsReceived: packets,
      octetsReceived: octets,
      lost,
      duplicates,
      jitterMs,
      malformed: this.#malformed,
      unknownPayload: this.#unknownPayload,
      foreign: this.#foreign,
    };
  }

  #acceptEvent(): void {
    const events = this.#events;
    if (events === null) return;
    const digit = events.accept(packet);
    if (digit === '') return;
    this.#options.report('digit', { digit, durationMs: events.durationMs, method: 'rtp-event' });
    this.forward?.pressed(digit);
  }

  #acceptAudio(name: CodecName, fresh: boolean): void {
    if (this.#sinks.length === 0 || !fresh) return;
    const { clockRateHz, sampleRateHz, createDecoder } = AUDIO_CODECS[name];
    let decoder = this.#decoders.get(name);
    if (decoder === undefined) {
      decoder = createDecoder();
      this.#decoders.set(name, decoder);
    }
    let missing = 0;
    if (this.#codec === name) {
      const missingUnits = (packet.timestamp - this.#expectedTimestamp) | 0;
      missing = Math.max(0, Math.round((missingUnits * sampleRateHz) / clockRateHz));
    }
    this.#codec = name;
    const n = decoder.decode(packet.bytes, packet.payloadOffset, packet.payloadLength, samples, 0);
    this.#expectedTimestamp = (packet.timestamp + Math.round((n * clockRateHz) / sampleRateHz)) | 0;
    for (const sink of this.#sinks) sink.accept(samples, n, sampleRateHz, missing);
  }

  #inbandDigits(): AudioSink {
    return new InbandDigits((digit) => this.#options.report('digit', { digit, durationMs: 0, method: 'inband' }));
  }
}

/** The packet being read, to one of those who make frames. */
function give(to: FarSound, role: PayloadRole, nowMs: number): void {
  if (role === 'CN') to.insertNoise(packet, nowMs);
  else if (role === 'telephone-event') to.insertPause(packet, nowMs);
  else to.insert(packet, role, nowMs);
}
