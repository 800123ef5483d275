import type { AudioEncoder, CodecName, FrameDecoder } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import { RTP_HEADER_BYTES, RtpPacket, writeRtpHeader } from '../rtp/packet.ts';
import { writeTelephoneEvent } from '../rtp/telephone-event.ts';
import type { MediaAgreement } from '../sdp/agreement.ts';
import type { ClockTime } from './clock.ts';
import { MediaWorker } from './media-worker.ts';
import type { PacketHandler, PacketSocket } from './packet-socket.ts';
import type { WorkerCommand, WorkerEvent } from './protocol.ts';

const EVENT_PAYLOAD_TYPE = 101;
const NOISE_PAYLOAD_TYPE = 13;
const PAYLOAD_TYPES: Record<CodecName, number> = { PCMU: 0, PCMA: 8, G722: 9, opus: 111 };

/** 0, the default: none. */
interface VirtualSettings {
  rtcpIntervalMs?: number;
  rtpTimeoutMs?: number;
}

/** For tests: time that passes only when told to, for several workers and their far sides at once. */
export class VirtualNetwork {
  nowMs = 0;
  readonly parties: Party[] = [];
  readonly #timers = new Set<{ atMs: number; callback: () => void }>();
  readonly time: ClockTime = {
    now: () => this.nowMs,
    after: (delayMs, callback) => {
      const timer = { atMs: this.nowMs + delayMs, callback };
      this.#timers.add(timer);
      return () => this.#timers.delete(timer);
    },
  };

  /** Timers that somebody waits for. */
  get timers(): number {
    return this.#timers.size;
  }

  /** A worker on this network. */
  worker(settings: VirtualSettings = {}): VirtualWorker {
    return new VirtualWorker(this, settings);
  }

  /** Lets time pass, a millisecond at a time. */
  run(durationMs: number): void {
    for (const endMs = this.nowMs + durationMs; this.nowMs < endMs; this.nowMs++) {
      for (const timer of [...this.#timers]) {
        if (timer.atMs > this.nowMs) continue;
        this.#timers.delete(timer);
        timer.callback();
      }
      for (const party of this.parties) party.tick(this.nowMs);
    }
  }
}

/** For tests: a port whose datagrams go to a far side, or are kept. */
export class VirtualSocket implements PacketSocket {
  onPacket: PacketHandler | null = null;
  party: Party | null = null;
  readonly sent: { atMs: number; to: string; bytes: Uint8Array }[] = [];
  #aim = '';
  readonly port: number;
  readonly #now: () => number;

  constructor(port: number, now: () => number) {
    this.port = port;
    this.#now = now;
  }

  aim(address: string, port: number): void {
    this.#aim = `${address}:${port}`;
  }

  unaim(): void {
    this.#aim = '';
  }

  send(packet: Uint8Array): void {
    if (this.party !== null) this.party.receive(packet, this.#now());
    else if (this.#aim !== '') this.sent.push({ atMs: this.#now(), to: this.#aim, bytes: packet.slice() });
  }

  close(): void {}
}

/** For tests: a media worker without threads and sockets. */
export class VirtualWorker {
  readonly events: WorkerEvent[] = [];
  readonly worker: MediaWorker;
  readonly #network: VirtualNetwork;
  readonly #sockets = new Map<number, VirtualSocket>();
  #nextPort = 10_000;

  constructor(network: VirtualNetwork, settings: VirtualSettings) {
    this.#network = network;
    this.worker = new MediaWorker({
      settings: {
        host: '192.0.2.9',
        packetIo: 'dgram',
        rtpTimeoutMs: settings.rtpTimeoutMs ?? 0,
        rtcpIntervalMs: settings.rtcpIntervalMs ?? 0,
        latchTimes: { learningMs: 1000, silenceMs: 2000 },
        promptCacheBytes: 1 << 20,
        maxCatchUpMs: 200,
        iceConsentMs: 30_000,
        utteranceBytes: 1 << 20,
      },
      bind: (_host, port, bound) => {
        const socket = new VirtualSocket(port, network.time.now);
        this.#sockets.set(port, socket);
        bound(socket, '');
      },
      time: network.time,
      post: (event) => this.events.push(event),
    });
  }

  socket(port: number): VirtualSocket | undefined {
    return this.#sockets.get(port);
  }

  handle(command: WorkerCommand): void {
    this.worker.handle(command);
  }

  /** Opens a session with a far side of its own, which speaks as soon as its time comes. */
  join(sessionId: number, options: Partial<PartyOptions> = {}): Party {
    const port = this.#nextPort;
    this.#nextPort += 2;
    this.handle({ type: 'bind', port });
    const socket = this.#sockets.get(port) as VirtualSocket;
    this.handle({ type: 'openSession', sessionId, port, capture: false });
    const party = new Party(sessionId, { codec: 'PCMU', packetMs: 20, events: true, toneHz: 0, ...options }, (bytes) =>
      socket.onPacket?.(bytes, '192.0.2.1', 4000),
    );
    socket.party = party;
    this.#network.parties.push(party);
    this.handle({ type: 'configure', sessionId, agreement: party.agreement() });
    this.handle({ type: 'startSession', sessionId });
    return party;
  }
}

export interface PartyOptions {
  codec: CodecName;
  packetMs: number;
  /** Whether digits are agreed as events. */
  events: boolean;
  /** What it says all the time; 0: silence. */
  toneHz: number;
}

interface Heard {
  atMs: number;
  marker: boolean;
  payloadType: number;
  sequence: number;
  timestamp: number;
  ssrc: number;
  payload: Uint8Array;
}

/** Of the tones, in sample units: some -18 dBm0. */
export const AMPLITUDE = 3000;

/** For tests: a far side that says a tone and keeps what it hears. */
export class Party {
  readonly sessionId: number;
  readonly options: PartyOptions;
  readonly heard: Heard[] = [];
  /** What came on the RTP port and was no RTP. */
  readonly reports: Uint8Array[] = [];
  /** Sends nothing, as on silence suppression. */
  mute = false;
  /** Changes what is sent: null loses a packet, a number delays it by so many ms. */
  network: (index: number) => number | null = () => 0;
  /** Sound at a time in seconds; the tone unless set. */
  sound: (seconds: number) => number;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #onTheWay: { atMs: number; bytes: Uint8Array }[] = [];
  readonly #phaseMs: number;
  #encoder: AudioEncoder;
  #index = 0;
  #ssrc = 77;
  #sequence = 1000;
  #timestamp = 5000;
  #samplesSent = 0;
  #packet = new RtpPacket();

  constructor(sessionId: number, options: PartyOptions, send: (bytes: Uint8Array) => void) {
    this.sessionId = sessionId;
    this.options = options;
    this.#send = send;
    this.#phaseMs = (sessionId * 7) % options.packetMs;
    this.#encoder = AUDIO_CODECS[options.codec].createEncoder();
    this.sound = (seconds) => {
      return this.options.toneHz === 0 ? 0 : AMPLITUDE * Math.sin(2 * Math.PI * this.options.toneHz * seconds);
    };
  }

  agreement(changes: Partial<MediaAgreement> = {}): MediaAgreement {
    const { codec, packetMs, events } = this.options;
    return {
      remote: { address: '192.0.2.1', port: 4000 },
      codec,
      payloadType: PAYLOAD_TYPES[codec],
      encoder: null,
      eventPayloadType: events ? EVENT_PAYLOAD_TYPE : null,
      eventClockRateHz: 8000,
      receive: [
        { payloadType: PAYLOAD_TYPES[codec], role: codec },
        { payloadType: NOISE_PAYLOAD_TYPE, role: 'CN' },
        ...(events ? ([{ payloadType: EVENT_PAYLOAD_TYPE, role: 'telephone-event' }] as const) : []),
      ],
      packetMs,
      maySend: true,
      mayReceive: true,
      rtcp: { mux: false, remote: null },
      ...changes,
    };
  }

  /** Speaks another codec from now on. */
  change(codec: CodecName): void {
    this.options.codec = codec;
    this.#encoder = AUDIO_CODECS[codec].createEncoder();
    this.#samplesSent = 0;
  }

  /** Goes on as another stream, as phones do after a transfer. */
  restart(ssrc: number, sequence: number, timestamp: number): void {
    this.#ssrc = ssrc;
    this.#sequence = sequence;
    this.#timestamp = timestamp;
  }

  tick(nowMs: number): void {
    if (nowMs % this.options.packetMs === this.#phaseMs) this.#speak(nowMs);
    for (let at = 0; at < this.#onTheWay.length; ) {
      const packet = this.#onTheWay[at];
      if (packet === undefined || packet.atMs > nowMs) at++;
      else {
        this.#onTheWay.splice(at, 1);
        this.#send(packet.bytes);
      }
    }
  }

  /** Presses a key for 100 ms: five reports and two repeated ends, in place of sound. */
  press(code: number): void {
    const start = this.#timestamp;
    for (let report = 1; report <= 7; report++) {
      const bytes = new Uint8Array(RTP_HEADER_BYTES + 4);
      writeRtpHeader(bytes, report === 1, EVENT_PAYLOAD_TYPE, this.#sequence, start, this.#ssrc);
      writeTelephoneEvent(bytes, RTP_HEADER_BYTES, code, report >= 5, 10, Math.min(report, 5) * 160);
      this.#sequence = (this.#sequence + 1) & 0xffff;
      this.#send(bytes);
    }
  }

  /** Says that it pauses, and how that sounds (RFC 3389); `mute` is up to the caller. */
  describeNoise(levelDbov: number): void {
    const bytes = new Uint8Array(RTP_HEADER_BYTES + 1);
    writeRtpHeader(bytes, false, NOISE_PAYLOAD_TYPE, this.#sequence, this.#timestamp, this.#ssrc);
    bytes[RTP_HEADER_BYTES] = -levelDbov;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#send(bytes);
  }

  receive(bytes: Uint8Array, nowMs: number): void {
    const packet = this.#packet;
    if (!packet.read(bytes)) {
      this.reports.push(bytes.slice());
      return;
    }
    const { marker, payloadType, sequence, timestamp, ssrc, payloadOffset, payloadLength } = packet;
    const payload = bytes.slice(payloadOffset, payloadOffset + payloadLength);
    this.heard.push({ atMs: nowMs, marker, payloadType, sequence, timestamp, ssrc, payload });
  }

  /** What was heard, by timestamps, at the rate of its codec; missing time is silence. */
  samples(fromPacket = 0): Int16Array {
    const { codec } = this.options;
    const { sampleRateHz, clockRateHz, createDecoder } = AUDIO_CODECS[codec];
    const decoder: FrameDecoder = createDecoder();
    const heard = this.heard.slice(fromPacket).filter(({ payloadType }) => payloadType === PAYLOAD_TYPES[codec]);
    const first = heard[0];
    if (first === undefined) return new Int16Array(0);
    const perUnit = sampleRateHz / clockRateHz;
    const length = heard.reduce((most, { timestamp }) => Math.max(most, (timestamp - first.timestamp) | 0), 0);
    const samples = new Int16Array(length * perUnit + 2000);
    let end = 0;
    for (const { timestamp, payload } of heard) {
      const at = ((timestamp - first.timestamp) | 0) * perUnit;
      if (at < 0) continue;
      end = Math.max(end, at + decoder.decode(payload, 0, payload.length, samples, at));
    }
    return samples.subarray(0, end);
  }

  #speak(nowMs: number): void {
    const { codec, packetMs } = this.options;
    const { sampleRateHz, clockRateHz } = AUDIO_CODECS[codec];
    const n = (packetMs * sampleRateHz) / 1000;
    const timestamp = this.#timestamp;
    this.#timestamp = (timestamp + (packetMs * clockRateHz) / 1000) | 0;
    const samples = Int16Array.from({ length: n }, (_, i) =>
      Math.round(this.sound((this.#samplesSent + i) / sampleRateHz)),
    );
    this.#samplesSent += n;
    if (this.mute) return;
    const bytes = new Uint8Array(1500);
    const octets = this.#encoder.encode(samples, 0, n, bytes, RTP_HEADER_BYTES);
    writeRtpHeader(bytes, false, PAYLOAD_TYPES[codec], this.#sequence, timestamp, this.#ssrc);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    const delayMs = this.network(this.#index++);
    if (delayMs !== null)
      this.#onTheWay.push({ atMs: nowMs + delayMs, bytes: bytes.slice(0, RTP_HEADER_BYTES + octets) });
  }
}

/** For tests: the level of one frequency, as an amplitude, in samples; windowed so that others do not leak into it. */
export function amplitudeOf(samples: Int16Array, frequencyHz: number, sampleRateHz: number): number {
  let real = 0;
  let imaginary = 0;
  let weights = 0;
  for (let i = 0; i < samples.length; i++) {
    const weight = 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / samples.length);
    const angle = (2 * Math.PI * frequencyHz * i) / sampleRateHz;
    real += weight * (samples[i] as number) * Math.cos(angle);
    imaginary += weight * (samples[i] as number) * Math.sin(angle);
    weights += weight;
  }
  return (2 * Math.hypot(real, imaginary)) / weights;
}
