/** The transports this stack speaks, in the lower case of URI parameters (RFC 3261 §19.1.1). */
export type Protocol = 'udp' | 'tcp' | 'ws';

/** A place messages go to or come from. `address` is an IP address or a host name (names are resolved on sending). */
export interface Peer {
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
  /** The one WebSocket that leads to it: what comes later from the same address and port is somebody else. */
  readonly connection?: string;
}

/** Where a listener is bound: the host as it was configured (perhaps a wildcard) and the real port. */
export interface LocalAddress {
  readonly host: string;
  readonly port: number;
}

/** Takes one whole message (TCP: already cut out of the stream). The bytes belong to the receiver. */
export type Receive = (bytes: Uint8Array, source: Peer, transport: Transport) => void;

/** Told what went wrong apart from any message: a socket error, a stream that is not SIP. */
export type TransportFault = (error: Error, transport: Transport) => void;

/** One listener of one protocol. */
export interface Transport {
  readonly protocol: Protocol;
  /** Whether the protocol itself delivers or fails, so that SIP need not retransmit. */
  readonly reliable: boolean;
  /** Valid after `start()`. */
  readonly local: LocalAddress;
  /** Binds. Throws a `ListenError` when the address is in use, not ours or not permitted. */
  start(receive: Receive, fault: TransportFault): Promise<void>;
  /** Stops listening and drops every connection. Idempotent. */
  close(): Promise<void>;
  /**
   * Sends one whole message; `failed` is called, later, when it certainly did not leave. With `connection` it is only
   * sent over that one (see {@link Peer}).
   */
  send(
    bytes: Uint8Array,
    address: string,
    port: number,
    failed?: (error: Error) => void,
    connection?: string | undefined,
  ): void;
  /** Whether sending there needs no new connection. Always true for datagrams. */
  reaches(address: string, port: number, connection?: string | undefined): boolean;
}

/** Why a listener could not start. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  /** The system's code, for example `EADDRINUSE`, `EADDRNOTAVAIL`, `EACCES`. */
  readonly code: string;
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number;

  constructor(cause: Error, protocol: Protocol, host: string, port: number) {
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : 'UNKNOWN';
    const why =
      code === 'EADDRINUSE'
        ? 'another program uses this port'
        : code === 'EADDRNOTAVAIL'
          ? 'this machine has no such address'
          : code === 'EACCES'
            ? 'not permitted (ports below 1024 need privileges)'
            : cause.message;
    super(`SIP cannot listen on ${protocol}:${host}:${port}: ${why} (${code})`, { cause });
    this.code = code;
    this.protocol = protocol;
    this.host = host;
    this.port = port;
  }
}
