import type { TransportAddress } from '../rtp/source-latch.ts';
import type { MediaAgreement } from '../sdp/agreement.ts';
import type { PacketSocket } from '../worker/packet-socket.ts';
import type { SessionStats } from './events.ts';
import type { FrameStage } from './frame-stage.ts';
import { Incoming, type IncomingOptions } from './incoming.ts';
import { Outgoing, type OutgoingOptions } from './outgoing.ts';

/** What sessions hear each other in, in their worker. */
export interface StreamGroup {
  /** Offer and answer changed what the session speaks. */
  reconfigured(stream: RtpStream): void;
  /** The session is about to end; it can still be read. */
  ends(stream: RtpStream): void;
}

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
  readonly incoming: Incoming;
  readonly stage: FrameStage;
  /** The bridge or room it is in. */
  group: StreamGroup | null = null;
  readonly #socket: PacketSocket;
  /** What is in force; null before the first offer and answer. */
  agreement: MediaAgreement | null = null;
  readonly #now: () => number;
  readonly #fail: (error: unknown) => void;
  #aimed: TransportAddress | null = null;
  #exclusive = false;

  constructor(options: RtpStreamOptions) {
    const { socket } = options;
    this.#socket = socket;
    this.stage = options.stage;
    this.#now = options.now;
    this.#fail = options.fail;
    this.outgoing = new Outgoing({ ...options, send: (packet) => socket.send(packet) });
    this.incoming = new Incoming(options);
    socket.onPacket = (bytes, address, port) => {
      try {
        this.incoming.accept(bytes, address, port, this.#now());
        this.#follow();
      } catch (error) {
        this.#fail(error);
      }
    };
  }

  /** Puts what offer and answer settled into force; also in the middle of a call. */
  configure(agreement: MediaAgreement): void {
    this.agreement = agreement;
    this.outgoing.configure(agreement);
    this.incoming.configure(agreement, this.#now());
    this.#follow();
    this.group?.reconfigured(this);
  }

  tick(tick: number, nowMs: number): void {
    try {
      this.outgoing.tick(tick);
      this.incoming.tick(nowMs);
      this.#follow();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Ends both directions and leaves the socket as it was given. */
  close(): SessionStats {
    this.group?.ends(this);
    this.outgoing.close();
    this.#socket.onPacket = null;
    this.#socket.unaim();
    const { packetsSent, octetsSent } = this.outgoing.sender;
    return { packetsSent, octetsSent, ...this.incoming.stats };
  }

  #follow(): void {
    const { remote, exclusive } = this.incoming.latch;
    if (remote === this.#aimed && exclusive === this.#exclusive) return;
    this.#aimed = remote;
    this.#exclusive = exclusive;
    if (remote === null) this.#socket.unaim();
    else this.#socket.aim(remote.address, remote.port, exclusive);
  }
}
