import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { until } from './bounded.ts';
import type { TestContext } from './context.ts';
import { dtmfTone } from './dtmf-tone.ts';
import { alawDecode, ulawDecode, ulawEncode } from './g711.ts';
import { continuity, type ReceivedPacket, type RtpContinuity } from './rtp-received.ts';

const FRAME_SAMPLES = 160;
const FRAME_MS = 20;
const RATE_HZ = 8_000;
export const EVENT_PAYLOAD_TYPE = 101;
/** The keys by their event codes (RFC 4733 §3.2). */
export const EVENT_CODES = '0123456789*#ABCD';
/** Mean absolute amplitude of a 20 ms frame above which somebody is speaking. */
const LOUD = 300;

/** What the network does to the packets of one digit; indices count the digit's packets from 0. */
export interface DigitFaults {
  drop?: number[];
  duplicate?: number[];
  /** This packet is sent after its follower. */
  swap?: number[];
}

interface OutgoingFrame {
  payload: Uint8Array;
  payloadType: number;
  /** Events keep the timestamp of their start. */
  timestampOffset: number;
  marker: boolean;
  fault: 'drop' | 'duplicate' | 'swap' | null;
  /** Its length by the codec's clock. Default 160. */
  units?: number;
  onSent?: () => void;
}

/** The media side of a test phone: sends 20 ms packets without a break, records everything it receives. */
export class RtpPeer {
  readonly port: number;
  readonly packets: ReceivedPacket[] = [];
  private readonly socket: Socket;
  private remote: { ip: string; port: number } | null = null;
  private timer: NodeJS.Timeout | null = null;
  private readonly queue: OutgoingFrame[] = [];
  private sequence = Math.floor(Math.random() * 65_536);
  private timestamp = Math.floor(Math.random() * 0x7fffffff);
  private readonly ssrc = Math.floor(Math.random() * 0xffffffff);
  private held: Buffer | null = null;
  private ticks = 0;
  private startedMs = 0;
  private lastTickMs = 0;
  private stallMs = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.port = socket.address().port;
    socket.on('message', (data, from) => this.receive(data, from));
    socket.on('error', () => {
      // A closed port on the other side comes back as ECONNREFUSED; what was not received is seen in `packets`.
    });
  }

  static async open(t: TestContext, ip = '127.0.0.1'): Promise<RtpPeer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, ip, () => resolve());
    });
    const peer = new RtpPeer(socket);
    t.defer(() => peer.close());
    return peer;
  }

  /** Starts the stream to this address: silence, and whatever is queued. */
  start(ip: string, port: number): void {
    this.remote = { ip, port };
    if (this.timer !== null) return;
    this.startedMs = performance.now();
    this.timer = setTimeout(() => this.tick(), 0);
  }

  /** Stops sending; goes on receiving. */
  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  close(): void {
    this.stop();
    try {
      this.socket.close();
    } catch {
      // Closed by the test already.
    }
  }

  /** Speaks 8 kHz samples as PCMU; resolves when the last packet is out. */
  say(samples: Int16Array): Promise<void> {
    const whole = new Uint8Array(Math.ceil(samples.length / FRAME_SAMPLES) * FRAME_SAMPLES).fill(0xff);
    for (let i = 0; i < samples.length; i++) whole[i] = ulawEncode(samples[i] ?? 0);
    return this.sayEncoded(whole, 0);
  }

  /** Speaks what is encoded already, by a codec of 8 bytes a millisecond; what is left of the last 20 ms is not sent. */
  sayEncoded(sound: Uint8Array, payloadType: number): Promise<void> {
    const payloads: Uint8Array[] = [];
    for (let at = 0; at + FRAME_SAMPLES <= sound.length; at += FRAME_SAMPLES)
      payloads.push(sound.subarray(at, at + FRAME_SAMPLES));
    return this.sayPackets(payloads, payloadType, FRAME_SAMPLES);
  }

  /** Speaks packets of 20 ms, of `units` by their codec's clock each. */
  sayPackets(payloads: readonly Uint8Array[], payloadType: number, units: number): Promise<void> {
    return this.enqueue(
      payloads.map((payload) => ({ payload, payloadType, timestampOffset: 0, marker: false, fault: null, units })),
    );
  }

  /** What was to be said is not said any more. */
  hush(): void {
    for (const frame of this.queue.splice(0)) frame.onSent?.();
  }

  /** One key by RFC 4733: packets every 20 ms, marker on the first, the end packet three times. */
  press(key: string, options: { durationMs?: number; faults?: DigitFaults } = {}): Promise<void> {
    const event = EVENT_CODES.indexOf(key);
    if (event < 0) throw new Error(`'${key}' is no telephone key`);
    const durationFrames = Math.round((options.durationMs ?? 100) / FRAME_MS);
    const frames: OutgoingFrame[] = [];
    for (let i = 0; i < durationFrames + 2; i++) {
      const end = i >= durationFrames - 1;
      const duration = FRAME_SAMPLES * Math.min(i + 1, durationFrames);
      frames.push({
        payload: Uint8Array.of(event, (end ? 0x80 : 0) | 10, duration >> 8, duration & 0xff),
        payloadType: EVENT_PAYLOAD_TYPE,
        timestampOffset: i,
        marker: i === 0,
        fault: faultOf(i, options.faults),
      });
    }
    return this.enqueue(frames);
  }

  /** Several keys with a pause of silence between them. */
  async pressAll(keys: string, options: { durationMs?: number; pauseMs?: number } = {}): Promise<void> {
    for (const key of keys) {
      await this.press(key, options);
      await this.say(new Int16Array((options.pauseMs ?? 80) * (RATE_HZ / 1000)));
    }
  }

  /** One key as two tones in the audio, no telephone-event. */
  pressInBand(key: string, durationMs = 120): Promise<void> {
    return this.say(dtmfTone(key, durationMs, RATE_HZ));
  }

  /** What was heard, 8 kHz, laid out by RTP timestamp from the first packet; missing packets are silence. */
  heard(): Int16Array {
    const audio = this.packets.filter((packet) => packet.payloadType === 0 || packet.payloadType === 8);
    const first = audio[0];
    if (first === undefined) return new Int16Array(0);
    const placed = audio.map((packet) => ({ packet, at: (packet.timestamp - first.timestamp) | 0 }));
    const end = placed.reduce((max, one) => Math.max(max, one.at + one.packet.payload.length), 0);
    const samples = new Int16Array(Math.min(end, RATE_HZ * 600));
    for (const { packet, at } of placed) {
      const decode = packet.payloadType === 0 ? ulawDecode : alawDecode;
      for (let i = 0; i < packet.payload.length; i++) {
        if (at + i >= 0) samples[at + i] = decode(packet.payload[i] ?? 0xff);
      }
    }
    return samples;
  }

  /** How much longer than 20 ms this phone sent nothing at most: the test's own process stood still. */
  get longestStallMs(): number {
    return this.stallMs;
  }

  /**
   * Is the received stream one unbroken stream (SSRC, sequence numbers, timestamps)? `far`: the phone whose sound is
   * relayed; where that stood still, so may the stream.
   */
  continuity(far?: RtpPeer): RtpContinuity {
    return continuity(this.packets, far?.longestStallMs);
  }

  /** Waits for a telephone-event of this number (RFC 4733). */
  async waitForEvent(event: number, timeoutMs = 10_000): Promise<void> {
    await until(
      `the telephone-event ${event}`,
      () => this.packets.some((one) => one.payloadType === EVENT_PAYLOAD_TYPE && one.payload[0] === event) || undefined,
      timeoutMs,
    );
  }

  /** Waits for the first packet. */
  async waitForPacket(timeoutMs = 10_000): Promise<void> {
    await until('an RTP packet', () => (this.packets.length > 0 ? true : undefined), timeoutMs, 10);
  }

  /** Waits until somebody speaks; gives the place in `heard()` in samples. `afterSample` skips what was before. */
  waitForSpeech(timeoutMs = 10_000, afterSample = 0): Promise<number> {
    return until(
      'speech on the line',
      () => {
        const heard = this.heard();
        for (let at = afterSample; at + FRAME_SAMPLES <= heard.length; at += FRAME_SAMPLES) {
          if (loudness(heard.subarray(at, at + FRAME_SAMPLES)) > LOUD) return at;
        }
        return undefined;
      },
      timeoutMs,
    );
  }

  /** Waits until at least this much was received. */
  async waitForHeard(samples: number, timeoutMs = 20_000): Promise<void> {
    await until(
      `${Math.round((samples / RATE_HZ) * 1000)} ms of media`,
      () => (this.heard().length >= samples ? true : undefined),
      timeoutMs,
    );
  }

  private enqueue(frames: OutgoingFrame[]): Promise<void> {
    const last = frames.at(-1);
    if (last === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      last.onSent = resolve;
      this.queue.push(...frames);
    });
  }

  private tick(): void {
    const nowMs = performance.now();
    if (this.ticks > 0) this.stallMs = Math.max(this.stallMs, nowMs - this.lastTickMs - FRAME_MS);
    this.lastTickMs = nowMs;
    this.sendFrame(this.queue.shift() ?? SILENCE);
    this.ticks++;
    const due = this.startedMs + this.ticks * FRAME_MS;
    this.timer = setTimeout(() => this.tick(), Math.max(0, due - performance.now()));
  }

  private sendFrame(frame: OutgoingFrame): void {
    const packet = Buffer.alloc(12 + frame.payload.length);
    packet[0] = 0x80;
    packet[1] = frame.payloadType | (frame.marker ? 0x80 : 0);
    packet.writeUInt16BE(this.sequence, 2);
    packet.writeUInt32BE((this.timestamp - frame.timestampOffset * FRAME_SAMPLES) >>> 0, 4);
    packet.writeUInt32BE(this.ssrc, 8);
    packet.set(frame.payload, 12);
    this.sequence = (this.sequence + 1) & 0xffff;
    this.timestamp = (this.timestamp + (frame.units ?? FRAME_SAMPLES)) >>> 0;
    if (frame.fault === 'swap') {
      this.held = packet;
    } else {
      if (frame.fault !== 'drop') this.transmit(packet);
      if (frame.fault === 'duplicate') this.transmit(packet);
      if (this.held !== null) this.transmit(this.held);
      this.held = null;
    }
    frame.onSent?.();
  }

  private transmit(packet: Buffer): void {
    if (this.remote !== null) this.socket.send(packet, this.remote.port, this.remote.ip);
  }

  private receive(data: Buffer, from: RemoteInfo): void {
    if (data.length < 12 || (data[0] ?? 0) >> 6 !== 2) return;
    const csrcBytes = ((data[0] ?? 0) & 0x0f) * 4;
    this.packets.push({
      sequence: data.readUInt16BE(2),
      timestamp: data.readUInt32BE(4),
      ssrc: data.readUInt32BE(8),
      marker: ((data[1] ?? 0) & 0x80) !== 0,
      payloadType: (data[1] ?? 0) & 0x7f,
      payload: new Uint8Array(data.subarray(12 + csrcBytes)),
      arrivalMs: performance.now(),
      fromPort: from.port,
    });
  }
}

const SILENCE: OutgoingFrame = {
  payload: new Uint8Array(FRAME_SAMPLES).fill(0xff),
  payloadType: 0,
  timestampOffset: 0,
  marker: false,
  fault: null,
};

function faultOf(index: number, faults: DigitFaults | undefined): OutgoingFrame['fault'] {
  if (faults?.drop?.includes(index)) return 'drop';
  if (faults?.duplicate?.includes(index)) return 'duplicate';
  if (faults?.swap?.includes(index)) return 'swap';
  return null;
}

function loudness(frame: Int16Array): number {
  let sum = 0;
  for (const sample of frame) sum += Math.abs(sample);
  return sum / frame.length;
}
