import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { RtpPacket } from '../rtp/packet.ts';
import { isRtcp } from '../rtp/rtcp-packet.ts';

export interface Received {
  marker: boolean;
  payloadType: number;
  sequence: number;
  timestamp: number;
  ssrc: number;
  payload: Buffer;
}

/** A far side: a UDP socket that keeps what comes in. */
export class Peer {
  readonly received: Received[] = [];
  readonly #socket: Socket;
  #waiting: { count: number; resolve: () => void } | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (bytes) => {
      if (isRtcp(bytes)) return;
      const packet = new RtpPacket();
      if (!packet.read(bytes)) throw new Error('The engine sent something that is no RTP');
      const { marker, payloadType, sequence, timestamp, ssrc, payloadOffset } = packet;
      const payload = Buffer.from(bytes.subarray(payloadOffset));
      this.received.push({ marker, payloadType, sequence, timestamp, ssrc, payload });
      if (this.#waiting !== null && this.received.length >= this.#waiting.count) this.#waiting.resolve();
    });
  }

  static async open(): Promise<Peer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Peer(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  offer(formats = '0 101', extra = 'a=rtpmap:101 telephone-event/8000\r\na=rtcp-mux\r\n'): string {
    return `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${this.port} RTP/AVP ${formats}\r\n${extra}`;
  }

  /** Resolves when so many packets have come in all. */
  async until(count: number): Promise<void> {
    if (this.received.length >= count) return;
    await new Promise<void>((resolve) => {
      this.#waiting = { count, resolve };
    });
  }

  send(port: number, bytes: Uint8Array): void {
    this.#socket.send(bytes, port, '127.0.0.1');
  }

  close(): void {
    this.#socket.close();
  }
}

/** Samples as prompts have them, the same ones every time. */
export function sharedNoise(length: number): Int16Array {
  const samples = new Int16Array(new SharedArrayBuffer(length * 2));
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    samples[i] = state >> 16;
  }
  return samples;
}
