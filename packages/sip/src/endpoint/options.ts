import type { DigestCredentials } from '../digest/digest-client.ts';
import type { MessageLimits } from '../message/limits.ts';
import type { Clock } from '../transaction/clock.ts';
import type { TimerValues } from '../transaction/timer-values.ts';
import type { TcpLimits } from '../transport/tcp.ts';
import type { Peer, Protocol, Transport } from '../transport/transport.ts';
import type { Advertise } from '../transport/transport-layer.ts';
import type { HeaderLines } from './core.ts';

/** An address to listen on; port 0 takes a free one. */
export interface ListenAddress {
  readonly protocol: Exclude<Protocol, 'ws'>;
  readonly host: string;
  readonly port: number;
}

/** What peers may cost. */
export interface EndpointLimits {
  readonly message: Readonly<MessageLimits>;
  readonly tcp: TcpLimits;
  /** Live transactions; beyond this many new requests get 503. Default 200000. */
  readonly transactions: number;
}

/** How an endpoint is set up. */
export interface EndpointOptions {
  readonly listen?: readonly ListenAddress[];
  /** Listeners made elsewhere, such as a `WsTransport` or those of a `LoopbackNetwork`. */
  readonly transports?: readonly Transport[];
  /** The address told to peers in Via and Contact, when it is not the listener's own (NAT). */
  readonly advertise?: Advertise;
  /** For User-Agent and Server headers. */
  readonly userAgent: string;
  readonly clock?: Clock;
  readonly timers?: Partial<TimerValues>;
  readonly limits?: Partial<EndpointLimits>;
}

/** A request outside of a dialog, other than INVITE: REGISTER, OPTIONS, MESSAGE … */
export interface OutgoingRequest {
  readonly method: string;
  readonly uri: string;
  readonly destination: Peer;
  readonly from: string;
  readonly to: string;
  readonly headers?: HeaderLines;
  readonly body?: Uint8Array | string;
  readonly credentials?: DigestCredentials;
  /** Adds a Contact of ours with this user part. */
  readonly contactUser?: string;
  /** To keep one Call-ID and a rising CSeq over several REGISTERs (RFC 3261 §10.2); the CSeq of the first attempt. */
  readonly callId?: string;
  readonly cseq?: number;
}
