/** Gets every datagram of a socket. `bytes` is only valid during the call. */
export type PacketHandler = (bytes: Uint8Array, address: string, port: number) => void;

/**
 * One UDP port: all that the media path asks of the system's network, so that another implementation can take the place
 * of Node's.
 */
export interface PacketSocket {
  readonly port: number;
  /** Who gets what comes in; null drops it. */
  onPacket: PacketHandler | null;
  /** Sends to this address from now on. `exclusive`: nothing from elsewhere needs to be delivered any more. */
  aim(address: string, port: number, exclusive: boolean): void;
  /** Sends nowhere and listens to everybody, as when new. */
  unaim(): void;
  /** Sends one datagram where {@link aim} said; dropped when it cannot be sent now. `packet` may be reused afterwards. */
  send(packet: Uint8Array): void;
  /** Once closed, all of these do nothing. */
  close(): void;
}

/** Binds a socket. The callback comes with the socket or with the system's error code, e.g. `EADDRINUSE`. */
export type BindSocket = (
  host: string,
  port: number,
  bound: (socket: PacketSocket | null, errorCode: string) => void,
) => void;
