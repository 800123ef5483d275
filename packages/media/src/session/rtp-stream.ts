import type { DtlsSrtpKeys } from '../dtls/dtls-endpoint.ts';
import type { TransportAddress } from '../rtp/source-latch.ts';
import type { MediaAgreement } from '../sdp/agreement.ts';
import type { PacketSocket } from '../worker/packet-socket.ts';
import type { SessionStats } from './events.ts';
import type { FrameStage } from './frame-stage.ts';
import { Incoming, type IncomingOptions } from './incoming.ts';
import { Outgoing, type OutgoingOptions } from './outgoing.ts';
import { SecurePath, type SecurePathOptions } from './secure-path.ts';
import type { SessionSecurity } from './security.ts';

/** What sessions hear each other in, in their worker. */
export interface StreamGroup {
  /** Offer and answer changed what the session speaks. */
  reconfigured(stream: RtpStream): void;
  /** The session is about to end; it can still be read. */
  ends(stream: RtpStream): void;
}

export interface RtpStreamOptions extends Omit<OutgoingOptions, 'send'>, IncomingOptions {
  socket: PacketSocket;
  /** What becomes of the handshakes of a protected session. */
  secure: Omit<SecurePathOptions, 'sendTo'>;
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
  readonly #secureOptions: RtpStreamOptions['secure'];
  /** Null: nothing is protected. */
  #secure: SecurePath | null = null;
  /** Under ICE the far side may move at will; SRTP tells that it is still the same. */
  #firstSource: TransportAddress | null = null;
  readonly #now: () => number;
  /** Ends the session because of an error of ours. */
  readonly fail: (error: unknown) => void;
  #aimed: TransportAddress | null = null;
  #exclusive = false;

  constructor(options: RtpStreamOptions) {
    const { socket } = options;
    this.#socket = socket;
    this.stage = options.stage;
    this.#now = options.now;
    this.fail = options.fail;
    this.#secureOptions = options.secure;
    this.outgoing = new Outgoing({ ...options, send: (packet) => this.#send(packet) });
    this.incoming = new Incoming(options);
    socket.onPacket = (bytes, address, port) => {
      try {
        if (this.#secure === null) this.incoming.accept(bytes, address, port, this.#now());
        else this.#receiveProtected(this.#secure, bytes, address, port);
        this.#follow();
      } catch (error) {
        this.fail(error);
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

  /** How the session is protected from now on; comes before {@link configure} of the same offer and answer. */
  secure(security: SessionSecurity): void {
    if (security.kind === 'none') {
      this.#secure = null;
      return;
    }
    this.#secure ??= new SecurePath({
      ...this.#secureOptions,
      sendTo: (datagram, address, port) => this.#sendTo(datagram, address, port),
    });
    this.#secure.configure(security, this.#now());
  }

  /** What came out of a handshake. */
  setKeys(keys: DtlsSrtpKeys): void {
    this.#secure?.setKeys(keys);
  }

  /** Sends a datagram of DTLS where media goes. */
  sendUnprotected(datagram: Uint8Array): void {
    if (this.#secure !== null) this.#socket.send(datagram);
  }

  tick(tick: number, nowMs: number): void {
    try {
      this.outgoing.tick(tick);
      this.incoming.tick(nowMs);
      this.#secure?.tick(nowMs);
      this.#follow();
    } catch (error) {
      this.fail(error);
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

  #send(packet: Uint8Array): void {
    const datagram = this.#secure === null ? packet : this.#secure.protect(packet);
    if (datagram !== null) this.#socket.send(datagram);
  }

  #receiveProtected(secure: SecurePath, bytes: Uint8Array, address: string, port: number): void {
    const packet = secure.receive(bytes, address, port, this.#now());
    if (packet === null) return;
    if (!secure.hasIce) {
      this.incoming.accept(packet, address, port, this.#now());
      return;
    }
    this.#firstSource ??= { address, port };
    this.incoming.accept(packet, this.#firstSource.address, this.#firstSource.port, this.#now());
  }

  /** Sends beside the path of media. */
  #sendTo(datagram: Uint8Array, address: string, port: number): void {
    this.#socket.aim(address, port, false);
    this.#socket.send(datagram);
    this.#aim();
  }

  #follow(): void {
    const secure = this.#secure;
    const { remote, exclusive } =
      secure?.hasIce === true ? { remote: secure.remote, exclusive: false } : this.incoming.latch;
    if (remote === this.#aimed && exclusive === this.#exclusive) return;
    this.#aimed = remote;
    this.#exclusive = exclusive;
    this.#aim();
  }

  #aim(): void {
    const remote = this.#aimed;
    if (remote === null) this.#socket.unaim();
    else this.#socket.aim(remote.address, remote.port, this.#exclusive);
  }
}
