import type { TransportAddress } from '../rtp/source-latch.ts';
import type { MediaAgreement } from '../sdp/agreement.ts';
import type { PacketSocket } from '../worker/packet-socket.ts';
import type { SessionStats } from './events.ts';
import { Incoming, type IncomingOptions } from './incoming.ts';
import { Outgoing, type OutgoingOptions } from './outgoing.ts';

export interface RtpStreamOptions extends Omit<OutgoingOptions, 'send'>, IncomingOptions {
  socket: PacketSocket;
  /** Monotonic milliseconds. */
  now: () => number;
  /** An error of ours in this stream, which must end it and nothing else. */
  fail: (error: unknown) => void;
}

/** One session in its worker: both directions on one socket, aimed at whom the latch says. */
export class RtpStream {
  readonly outgoing: Outgoing;
  readonly #incoming: Incoming;
  readonly #socket: PacketSocket;
  readonly #now: () => number;
  readonly #fail: (error: unknown) => void;
  #aimed: TransportAddress | null = null;
  #exclusive = false;

  constructor(options: RtpStreamOptions) {
    const { socket } = options;
    this.#socket = socket;
    this.#now = options.now;
    this.#fail = options.fail;
    this.outgoing = new Outgoing({ ...options, send: (packet) => socket.send(packet) });
    this.#incoming = new Incoming(options);
    socket.onPacket = (bytes, address, port) => {
      try {
        this.#incoming.accept(bytes, address, port, this.#now());
        this.#follow();
      } catch (error) {
        this.#fail(error);
      }
    };
  }

  /** Puts what offer and answer settled into force; also in the middle of a call. */
  configure(agreement: MediaAgreement): void {
    this.outgoing.configure(agreement);
    this.#incoming.configure(agreement, this.#now());
    this.#follow();
  }

  tick(tick: number, nowMs: number): void {
    try {
      this.outgoing.tick(tick);
      this.#incoming.tick(nowMs);
      this.#follow();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Ends both directions and leaves the socket as it was given. */
  close(): SessionStats {
    this.outgoing.close();
    this.#socket.onPacket = null;
    this.#socket.unaim();
    const { packetsSent, octetsSent } = this.outgoing.sender;
    return { packetsSent, octetsSent, ...this.#incoming.stats };
  }

  #follow(): void {
    const { remote, exclusive } = this.#incoming.latch;
    if (remote === this.#aimed && exclusive === this.#exclusive) return;
    this.#aimed = remote;
    this.#exclusive = exclusive;
    if (remote === null) this.#socket.unaim();
    else this.#socket.aim(remote.address, remote.port, exclusive);
  }
}
