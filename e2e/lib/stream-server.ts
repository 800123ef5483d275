import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { until } from './bounded.ts';
import type { TestContext } from './context.ts';

export type StreamMessage = Record<string, unknown>;

/** A voice agent as users write them: a WebSocket server that keeps what it gets and says what it is told. */
export class StreamServer {
  readonly messages: StreamMessage[] = [];
  readonly url: string;
  closed = false;
  private socket: WebSocket | null = null;

  private constructor(url: string) {
    this.url = url;
  }

  static async open(t: TestContext): Promise<StreamServer> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    t.defer(() => {
      for (const socket of server.clients) socket.terminate();
      server.close();
    });
    await new Promise<void>((resolve) => server.once('listening', () => resolve()));
    const stream = new StreamServer(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/agent`);
    server.on('connection', (socket) => {
      stream.socket = socket;
      socket.on('message', (data) => stream.messages.push(JSON.parse(String(data)) as StreamMessage));
      socket.on('close', () => {
        stream.closed = true;
      });
    });
    return stream;
  }

  send(message: StreamMessage): void {
    this.socket?.send(JSON.stringify(message));
  }

  close(): void {
    this.socket?.close(1000);
  }

  /** The messages whose `key` is `value`. */
  of(key: 'type' | 'event', value: string): StreamMessage[] {
    return this.messages.filter((message) => message[key] === value);
  }

  async waitFor(key: 'type' | 'event', value: string, count = 1): Promise<StreamMessage> {
    return until(`${count} messages ${value}`, () => this.of(key, value)[count - 1], 15_000, 20);
  }
}
