import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { PacketHandler, PacketSocket } from './packet-socket.ts';

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string, family: number) => void;

/** Our addresses are numbers already; without this every call would ask the resolver and wait a turn of the event loop. */
function keepAddress(address: string, _options: unknown, callback: LookupCallback): void {
  callback(null, address, isIPv6(address) ? 6 : 4);
}

/** {@link BindSocket} with Node's own UDP sockets. */
export function bindDgramSocket(
  host: string,
  port: number,
  bound: (socket: PacketSocket | null, errorCode: string) => void,
): void {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', lookup: keepAddress });
  const fail = (error: NodeJS.ErrnoException) => {
    socket.close();
    bound(null, error.code ?? error.message);
  };
  socket.once('error', fail);
  socket.once('listening', () => {
    socket.off('error', fail);
    bound(new DgramSocket(socket, port), '');
  });
  socket.bind({ address: host, port, exclusive: true });
}

/**
 * A connected UDP socket costs a third less per packet than an unconnected one and refuses strangers in the kernel, so
 * the exclusive aim connects.
 */
class DgramSocket implements PacketSocket {
  readonly port: number;
  onPacket: PacketHandler | null = null;
  readonly #socket: Socket;
  #aimedAddress = '';
  #aimedPort = 0;
  #connected = false;
  #closed = false;

  constructor(socket: Socket, port: number) {
    this.#socket = socket;
    this.port = port;
    socket.on('message', (bytes, source) => this.onPacket?.(bytes, source.address, source.port));
    // ICMP tells of a far side that is not (or no longer) there; the time-out of the call is what acts on that.
    socket.on('error', () => {});
  }

  aim(address: string, port: number, exclusive: boolean): void {
    if (this.#closed) return;
    if (this.#connected) {
      if (exclusive && address === this.#aimedAddress && port === this.#aimedPort) return;
      this.#disconnect();
    }
    this.#aimedAddress = address;
    this.#aimedPort = port;
    if (!exclusive) return;
    this.#socket.connect(port, address);
    this.#connected = this.#isConnected();
  }

  unaim(): void {
    this.#disconnect();
    this.#aimedPort = 0;
  }

  send(packet: Uint8Array): void {
    if (this.#connected) this.#socket.send(packet);
    else if (this.#aimedPort !== 0) this.#socket.send(packet, this.#aimedPort, this.#aimedAddress);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onPacket = null;
    this.#connected = false;
    this.#aimedPort = 0;
    this.#socket.close();
  }

  #disconnect(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#socket.disconnect();
  }

  /** The system may refuse to connect (no route, broadcast address); the error event then comes later. */
  #isConnected(): boolean {
    try {
      this.#socket.remoteAddress();
      return true;
    } catch {
      return false;
    }
  }
}
