import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { DEFAULT_LIMITS, type MessageLimits } from '../message/limits.ts';
import type { LocalAddress, Receive, Transport, TransportFault } from './transport.ts';
import { WsConnection } from './ws-connection.ts';

const SUBPROTOCOL = 'sip';

/** What WebSocket peers may cost. */
export interface WsLimits {
  /** Connections at a time; more are refused with 503. Default 10000. */
  readonly connections: number;
  /** How often each peer is asked for a sign of life; one that gives none until the next time is dropped. Default 30 seconds. */
  readonly pingMs: number;
  /** Bytes waiting for a peer that does not read; more close its connection. Default 1 MiB. */
  readonly queuedBytes: number;
}

export const DEFAULT_WS_LIMITS: WsLimits = { connections: 10_000, pingMs: 30_000, queuedBytes: 1 << 20 };

/** How a {@link WsTransport} is set up. */
export interface WsTransportOptions {
  /** Where the HTTP server listens whose upgrade requests are given to the transport; asked for once it listens. */
  readonly local: () => LocalAddress;
  readonly limits?: Partial<WsLimits>;
  readonly message?: Readonly<MessageLimits>;
}

/**
 * SIP over WebSocket (RFC 7118), the server's side: it takes the upgrade requests of an HTTP server that belongs to
 * somebody else. Connections are only ever made by the clients, so each one is also the only way to its client; it is
 * named by the address and port it comes from. Over TLS (WSS) it is the HTTP server, or a proxy before it, that encrypts.
 */
export class WsTransport implements Transport {
  readonly protocol = 'ws';
  readonly reliable = true;
  readonly #local: () => LocalAddress;
  readonly #limits: WsLimits;
  readonly #connections = new Map<string, WsConnection>();
  readonly #server: WebSocketServer;
  #pinging: NodeJS.Timeout | undefined;
  /** While it closes: resolved when the last connection has gone. */
  #empty: PromiseWithResolvers<void> | undefined;
  #receive: Receive = () => {};
  #fault: TransportFault = () => {};

  constructor(options: WsTransportOptions) {
    this.#local = options.local;
    this.#limits = { ...DEFAULT_WS_LIMITS, ...options.limits };
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: (options.message ?? DEFAULT_LIMITS).maxMessageBytes,
      handleProtocols: () => SUBPROTOCOL,
    });
  }

  get local(): LocalAddress {
    return this.#local();
  }

  /** Connections that live now. */
  get connections(): number {
    return this.#connections.size;
  }

  async start(receive: Receive, fault: TransportFault): Promise<void> {
    this.#receive = receive;
    this.#fault = fault;
    this.#pinging = setInterval(() => {
      for (const connection of this.#connections.values()) connection.ping();
    }, this.#limits.pingMs);
    this.#pinging.unref();
  }

  async close(): Promise<void> {
    clearInterval(this.#pinging);
    this.#pinging = undefined;
    if (this.#connections.size === 0) return;
    this.#empty ??= Promise.withResolvers<void>();
    for (const connection of this.#connections.values()) connection.end();
    await this.#empty.promise;
  }

  /**
   * Takes an `upgrade` event of an HTTP server, whose path, Host and Origin were found right. Refuses with 400 a client
   * that does not offer the subprotocol `sip` (RFC 7118 §4.1), and with 503 when there are too many or before `start()`.
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { remoteAddress, remotePort } = request.socket;
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    if (!offered.includes(SUBPROTOCOL))
      refuseUpgrade(socket, 400, 'This WebSocket speaks the subprotocol sip (RFC 7118).');
    else if (this.#pinging === undefined || this.#connections.size >= this.#limits.connections) {
      refuseUpgrade(socket, 503, 'No more SIP connections now.');
    } else if (remoteAddress === undefined || remotePort === undefined) socket.destroy();
    else {
      // A dual-stack listener shows IPv4 peers as IPv6; SIP headers and bans know them by their own.
      const address = remoteAddress.replace(/^::ffff:(?=\d+\.)/, '');
      this.#server.handleUpgrade(request, socket, head, (opened) => this.#keep(opened, address, remotePort));
    }
  }

  send(
    bytes: Uint8Array,
    address: string,
    port: number,
    failed?: (error: Error) => void,
    id?: string | undefined,
  ): void {
    const connection = this.#find(address, port, id);
    if (connection !== undefined) connection.send(bytes, failed);
    else if (failed !== undefined) {
      queueMicrotask(() => failed(new Error(`the WebSocket from ${address}:${port} is gone`)));
    }
  }

  reaches(address: string, port: number, id?: string | undefined): boolean {
    return this.#find(address, port, id)?.isOpen === true;
  }

  /** A proxy before the server uses its ports for one client after another: with `id` only that very connection will do. */
  #find(address: string, port: number, id: string | undefined): WsConnection | undefined {
    const connection = this.#connections.get(`${address}:${port}`);
    return id === undefined || connection?.id === id ? connection : undefined;
  }

  #keep(socket: WebSocket, address: string, port: number): void {
    const key = `${address}:${port}`;
    const id = randomUUID();
    const source = { protocol: 'ws', address, port, connection: id } as const;
    const connection = new WsConnection(
      socket,
      { id, maxQueuedBytes: this.#limits.queuedBytes },
      {
        message: (bytes) => this.#receive(bytes, source, this),
        closed: (error) => {
          if (this.#connections.get(key) === connection) this.#connections.delete(key);
          if (this.#connections.size === 0) this.#empty?.resolve();
          if (error !== undefined) this.#fault(new Error(`${key}: ${error.message}`), this);
        },
      },
    );
    this.#connections.set(key, connection);
  }
}

/** Answers an upgrade request with an error and closes its connection. */
export function refuseUpgrade(socket: Duplex, status: number, why: string): void {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: text/plain',
    `Content-Length: ${Buffer.byteLength(why)}`,
  ];
  // A client that has gone already is no error of ours.
  socket.on('error', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${why}`, () => socket.destroy());
}
