import { createSocket, type Socket } from 'node:dgram';
import { lookup as dnsLookup } from 'node:dns';
import { isIP } from 'node:net';
import { ListenError, type LocalAddress, type Receive, type Transport, type TransportFault } from './transport.ts';

// Bursts of calls queue in the kernel while the process is busy; the system's limit (rmem_max) still caps this.
const RECEIVE_BUFFER_BYTES = 4 << 20;

/** SIP over UDP (RFC 3261 §18): one socket for everything sent and received, so that replies pass NATs (RFC 3581). */
export class UdpTransport implements Transport {
  readonly protocol = 'udp';
  readonly reliable = false;
  readonly #host: string;
  #port: number;
  #socket: Socket | undefined;

  constructor(host: string, port: number) {
    this.#host = host;
    this.#port = port;
  }

  get local(): LocalAddress {
    return { host: this.#host, port: this.#port };
  }

  start(receive: Receive, fault: TransportFault): Promise<void> {
    const family = isIP(this.#host) === 6 ? 6 : 4;
    const socket = createSocket({
      type: family === 6 ? 'udp6' : 'udp4',
      recvBufferSize: RECEIVE_BUFFER_BYTES,
      // dgram asks for a look-up on every send; an address answers at once, a name goes to the resolver.
      lookup: (host, _options, done) => {
        if (isIP(host) !== 0) done(null, host, family);
        else dnsLookup(host, { family }, done);
      },
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const refused = (error: Error) => reject(new ListenError(error, 'udp', this.#host, this.#port));
    socket.once('error', refused);
    socket.bind({ address: this.#host, port: this.#port }, () => {
      socket.off('error', refused);
      socket.on('error', (error) => fault(error, this));
      this.#port = socket.address().port;
      this.#socket = socket;
      resolve();
    });
    socket.on('message', (bytes, from) => {
      receive(bytes, { protocol: 'udp', address: from.address, port: from.port }, this);
    });
    return promise;
  }

  close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.close(() => resolve());
    return promise;
  }

  send(bytes: Uint8Array, address: string, port: number, failed?: (error: Error) => void): void {
    if (this.#socket === undefined) {
      if (failed !== undefined) queueMicrotask(() => failed(new Error('the UDP listener is closed')));
      return;
    }
    try {
      if (failed === undefined) this.#socket.send(bytes, port, address);
      else
        this.#socket.send(bytes, port, address, (error) => {
          if (error !== null) failed(error);
        });
    } catch (error) {
      // dgram throws for a port outside 1..65535, which a peer's header can name.
      const reason = error instanceof Error ? error : new Error(String(error));
      if (failed !== undefined) queueMicrotask(() => failed(reason));
    }
  }

  reaches(): boolean {
    return true;
  }
}
