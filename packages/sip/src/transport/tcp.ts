import { connect, createServer, isIP, type Server, type Socket } from 'node:net';
import { DEFAULT_LIMITS, type MessageLimits } from '../message/limits.ts';
import { TcpConnection } from './tcp-connection.ts';
import { ListenError, type LocalAddress, type Receive, type Transport, type TransportFault } from './transport.ts';

/** What TCP peers may cost. */
export interface TcpLimits {
  /** Connections at a time, both ways; more are refused. Default 10000. */
  readonly connections: number;
  /** A connection on which nothing passes for this long is closed. Default 10 minutes. */
  readonly idleMs: number;
  /** How long a connection may take to be made. Default 10 seconds. */
  readonly connectMs: number;
  /** Bytes waiting for a peer that does not read; more close its connection. Default 1 MiB. */
  readonly queuedBytes: number;
}

export const DEFAULT_TCP_LIMITS: TcpLimits = {
  connections: 10_000,
  idleMs: 600_000,
  connectMs: 10_000,
  queuedBytes: 1 << 20,
};

/** SIP over TCP (RFC 3261 §18): connections are kept and used again both ways, keyed by the peer's address and port. */
export class TcpTransport implements Transport {
  readonly protocol = 'tcp';
  readonly reliable = true;
  readonly #host: string;
  readonly #limits: TcpLimits;
  readonly #message: Readonly<MessageLimits>;
  readonly #connections = new Map<string, TcpConnection>();
  #port: number;
  #server: Server | undefined;
  #receive: Receive = () => {};
  #fault: TransportFault = () => {};

  constructor(
    host: string,
    port: number,
    limits: TcpLimits = DEFAULT_TCP_LIMITS,
    message: Readonly<MessageLimits> = DEFAULT_LIMITS,
  ) {
    this.#host = host;
    this.#port = port;
    this.#limits = limits;
    this.#message = message;
  }

  get local(): LocalAddress {
    return { host: this.#host, port: this.#port };
  }

  /** Connections that live now. */
  get connections(): number {
    return this.#connections.size;
  }

  start(receive: Receive, fault: TransportFault): Promise<void> {
    this.#receive = receive;
    this.#fault = fault;
    const server = createServer((socket) => this.#accept(socket));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const refused = (error: Error) => reject(new ListenError(error, 'tcp', this.#host, this.#port));
    server.once('error', refused);
    server.listen({ host: this.#host, port: this.#port }, () => {
      server.off('error', refused);
      server.on('error', (error) => fault(error, this));
      const address = server.address();
      if (address !== null && typeof address === 'object') this.#port = address.port;
      this.#server = server;
      resolve();
    });
    return promise;
  }

  close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    server.close(() => resolve());
    for (const connection of this.#connections.values()) connection.destroy();
    return promise;
  }

  send(bytes: Uint8Array, address: string, port: number, failed?: (error: Error) => void): void {
    const connection = this.#connections.get(`${address}:${port}`) ?? this.#open(address, port);
    if (connection instanceof Error) {
      if (failed !== undefined) queueMicrotask(() => failed(connection));
    } else connection.send(bytes, failed);
  }

  reaches(address: string, port: number): boolean {
    return this.#connections.has(`${address}:${port}`);
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined || this.#isFull()) {
      socket.destroy();
      return;
    }
    this.#keep(socket, remoteAddress, remotePort);
  }

  #open(address: string, port: number): TcpConnection | Error {
    if (this.#server === undefined) return new Error('the TCP listener is closed');
    if (this.#isFull()) return new Error(`there are ${this.#connections.size} TCP connections, the most allowed`);
    if (!(port > 0 && port < 65_536)) return new Error(`${port} is not a port`);
    const socket = connect({ host: address, port, family: isIP(this.#host) });
    const connection = this.#keep(socket, address, port);
    const timer = setTimeout(() => {
      connection.destroy(new Error(`no connection to ${address}:${port} within ${this.#limits.connectMs} ms`));
    }, this.#limits.connectMs);
    const made = () => clearTimeout(timer);
    socket.once('connect', made);
    socket.once('close', made);
    return connection;
  }

  #keep(socket: Socket, address: string, port: number): TcpConnection {
    const key = `${address}:${port}`;
    const source = { protocol: 'tcp', address, port } as const;
    const options = {
      message: this.#message,
      idleMs: this.#limits.idleMs,
      maxQueuedBytes: this.#limits.queuedBytes,
    };
    const connection = new TcpConnection(socket, options, {
      message: (bytes) => this.#receive(bytes, source, this),
      broken: (reason, bytes) => {
        this.#receive(bytes, source, this);
        this.#fault(new Error(`${address}:${port}: ${reason}`), this);
      },
      closed: () => {
        if (this.#connections.get(key) === connection) this.#connections.delete(key);
      },
    });
    this.#connections.set(key, connection);
    return connection;
  }

  #isFull(): boolean {
    return this.#connections.size >= this.#limits.connections;
  }
}
