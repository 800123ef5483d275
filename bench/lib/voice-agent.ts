import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { ulawEncode } from '../../e2e/lib/g711.ts';

export type AgentProtocol = 'twilio' | 'voxology';

type Message = Record<string, unknown>;

interface Line {
  socket: WebSocket;
  protocol: AgentProtocol;
  streamSid: string;
  echoing: boolean;
}

/** Of messages with sound, for how long it takes to here. */
const MEASURED_EVERY = 16;
/** See rtppeer.c. */
const STAMP_MAGIC = 'VXRP';
const STAMP_DIGITS = 16;
const TONE_MS = 5000;
/** As one message: agents send whole sentences at once. */
const LONG_TONE = Buffer.from(
  Uint8Array.from({ length: TONE_MS * 8 }, (_, i) => ulawEncode(8000 * Math.sin((2 * Math.PI * 500 * i) / 8000))),
).toString('base64');

/** A voice agent, on the core of the load: says at once what it hears, in either protocol, until told to say something else. */
export class VoiceAgent {
  readonly #server: WebSocketServer;
  readonly #delayMs: number;
  readonly #lines = new Map<number, Line>();
  /** Of some of the sound: how long it took from the caller to here, ms, counted as rtppeer does. */
  readonly heardMs: number[] = [];
  #heard = 0;

  private constructor(server: WebSocketServer, delayMs: number) {
    this.#server = server;
    this.#delayMs = delayMs;
    server.on('connection', (socket) => this.#serve(socket));
  }

  /** `delayMs`: it thinks for so long about all it sends. */
  static async open(delayMs: number): Promise<VoiceAgent> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.once('listening', resolve);
    });
    return new VoiceAgent(server, delayMs);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/agent`;
  }

  /** Calls that have ever been connected. */
  get calls(): readonly number[] {
    return [...this.#lines.keys()];
  }

  /** Sends a long tone, after `speakMs` `clear`; tells when (ms since 1970) it decided to. Echoes no more. */
  async interruptItself(call: number, speakMs: number): Promise<number> {
    const line = this.#lines.get(call);
    if (line === undefined) throw new Error(`call ${call} has no stream`);
    line.echoing = false;
    this.#send(line, 'clear');
    await sleep(300);
    this.#say(line, LONG_TONE);
    await sleep(speakMs);
    const clearedMs = performance.timeOrigin + performance.now();
    this.#send(line, 'clear');
    return clearedMs;
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #serve(socket: WebSocket): void {
    let line: Line | null = null;
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message;
      const sound = line === null ? null : soundOf(message, line.protocol);
      if (line !== null && sound !== null && line.echoing) {
        this.#say(line, sound);
        this.#heard++;
        if (this.#heard % MEASURED_EVERY === 0) this.#measure(sound);
      } else line ??= this.#begin(socket, message);
    });
  }

  #measure(sound: string): void {
    const nowMs = performance.timeOrigin + performance.now();
    const octets = Buffer.from(sound, 'base64');
    const at = octets.indexOf(STAMP_MAGIC);
    const digits = octets.subarray(at + STAMP_MAGIC.length, at + STAMP_MAGIC.length + STAMP_DIGITS);
    if (at < 0 || digits.length < STAMP_DIGITS) return;
    const sentNs = BigInt(`0x${[...digits].map((octet) => (octet & 15).toString(16)).join('')}`);
    const ms = nowMs + at / 8 - Number(sentNs / 1000n) / 1000;
    // A jitter buffer that adapts may cut a stamp in two.
    if (ms >= 0 && ms < 5000) this.heardMs.push(ms);
  }

  #begin(socket: WebSocket, message: Message): Line | null {
    const { event, type, start, stream_data: streamData, streamSid } = message;
    if (event !== 'start' && type !== 'start_stream') return null;
    const given = event === 'start' ? (start as Message).customParameters : streamData;
    const protocol = event === 'start' ? 'twilio' : 'voxology';
    const line: Line = { socket, protocol, streamSid: String(streamSid), echoing: true };
    this.#lines.set(Number((given as Message).call), line);
    return line;
  }

  #say(line: Line, payload: string): void {
    const { protocol, streamSid } = line;
    const message =
      protocol === 'twilio'
        ? { event: 'media', streamSid, media: { payload } }
        : { type: 'play_media', media: payload };
    this.#later(line, JSON.stringify(message));
  }

  #send(line: Line, request: 'clear'): void {
    const { protocol, streamSid } = line;
    this.#later(line, JSON.stringify(protocol === 'twilio' ? { event: request, streamSid } : { type: request }));
  }

  #later({ socket }: Line, text: string): void {
    const send = () => {
      if (socket.readyState === socket.OPEN) socket.send(text);
    };
    if (this.#delayMs === 0) send();
    else setTimeout(send, this.#delayMs);
  }
}

function soundOf(message: Message, protocol: AgentProtocol): string | null {
  const sound = protocol === 'twilio' ? (message.media as Message | undefined)?.payload : message.media;
  return typeof sound === 'string' ? sound : null;
}
