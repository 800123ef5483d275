import type { DtlsSrtpKeys } from '../dtls/dtls-endpoint.ts';
import { CallHealth } from '../health/call-health.ts';
import { estimateMos } from '../rtp/mos.ts';
import { isRtcp } from '../rtp/rtcp-packet.ts';
import type { TransportAddress } from '../rtp/source-latch.ts';
import type { MediaAgreement } from '../sdp/agreement.ts';
import type { PacketSocket } from '../worker/packet-socket.ts';
import type { SessionStats } from './events.ts';
import type { FrameStage } from './frame-stage.ts';
import { Incoming, type IncomingOptions, type ReceptionStats } from './incoming.ts';
import { Outgoing, type OutgoingOptions } from './outgoing.ts';
import { type OpenRtcpSocket, RtcpPath } from './rtcp-path.ts';
import { SecurePath, type SecurePathOptions } from './secure-path.ts';
import type { SessionSecurity } from './security.ts';

/** Length of a jitter buffer, in mean jitters. */
const JITTER_BUFFER_JITTERS = 4;

/** How often the figures of reception are looked at. */
const HEALTH_CHECK_MS = 1000;

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
  secure: Omit<SecurePathOptions, 'sendTo' | 'mediaAddress'>;
  /** RTCP; null: none is spoken. */
  rtcp: { intervalMs: number; openSocket: OpenRtcpSocket } | null;
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
  readonly #rtcp: RtcpPath | null;
  readonly #health: CallHealth;
  #healthCheckMs = 0;
  /** Of the last tick: near enough for what needs no exact time. */
  #nowMs = 0;
  readonly #tickMs: number;
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
    this.#tickMs = options.tickMs;
    this.fail = options.fail;
    this.#secureOptions = options.secure;
    this.#health = new CallHealth({ onChange: (change) => options.report('health', change) });
    this.outgoing = new Outgoing({ ...options, send: (packet) => this.#sendMedia(packet) });
    this.incoming = new Incoming(options);
    this.incoming.health = this.#health;
    this.#rtcp = options.rtcp === null ? null : this.#openRtcp(options, options.rtcp);
    socket.onPacket = (bytes, address, port) => {
      try {
        if (this.#secure === null) this.#accept(bytes, address, port);
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
    this.#health.setOpen(agreement.maySend && agreement.mayReceive, this.#now());
    this.#rtcp?.configure(agreement);
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
      mediaAddress: () => this.incoming.latch.remote,
    });
    this.#secure.configure(security, this.#now());
  }

  /** What came out of a handshake. */
  setKeys(keys: DtlsSrtpKeys): void {
    this.#secure?.setKeys(keys);
  }

  /** Sends a datagram of DTLS where the far side's came from, before that where media goes. */
  sendUnprotected(datagram: Uint8Array): void {
    if (this.#secure === null) return;
    const remote = this.#secure.dtlsRemote;
    if (remote === null) this.#socket.send(datagram);
    else this.#sendTo(datagram, remote.address, remote.port);
  }

  tick(tick: number, nowMs: number): void {
    try {
      this.#nowMs = nowMs;
      this.#health.start(nowMs);
      if (nowMs - this.#healthCheckMs >= HEALTH_CHECK_MS) this.#checkHealth(nowMs);
      this.outgoing.tick(tick);
      this.incoming.tick(nowMs);
      this.#rtcp?.tick(nowMs, this.outgoing.ticksUntilDue(tick) * this.#tickMs);
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
    this.#rtcp?.close(this.#now());
    this.#socket.onPacket = null;
    this.#socket.unaim();
    return this.stats;
  }

  /** The figures so far. */
  get stats(): SessionStats {
    const { packetsSent, octetsSent } = this.outgoing.sender;
    const received = this.incoming.stats;
    const remote = this.#rtcp?.remote ?? null;
    return {
      packetsSent,
      octetsSent,
      ...received,
      malformed: received.malformed + (this.#secure?.refused ?? 0),
      remoteLost: remote?.lost ?? null,
      remoteJitterMs: remote?.jitterMs ?? null,
      roundTripMs: this.#rtcp?.roundTripMs ?? null,
      mos: this.#estimateMos(received),
      health: this.#health.figures,
    };
  }

  /** Of the network alone: what each side's devices add is not known. */
  #estimateMos({ packetsReceived, lost, jitterMs }: ReceptionStats): number | null {
    if (packetsReceived === 0 || this.agreement === null) return null;
    const lossPercent = (100 * lost) / (lost + packetsReceived);
    // One way, one packet, and a jitter buffer that waits for nearly all packets.
    const delayMs = (this.#rtcp?.roundTripMs ?? 0) / 2 + this.agreement.packetMs + JITTER_BUFFER_JITTERS * jitterMs;
    return estimateMos({ codec: this.agreement.codec, lossPercent, burstRatio: this.incoming.burstRatio, delayMs });
  }

  #checkHealth(nowMs: number): void {
    this.#healthCheckMs = nowMs;
    if (this.agreement === null) return;
    const { packetsReceived: received, lost, jitterMs } = this.incoming.stats;
    const { burstRatio } = this.incoming;
    const roundTripMs = this.#rtcp?.roundTripMs ?? null;
    const heardByFarSide = this.#rtcp?.heardByFarSide(nowMs) ?? null;
    const network = { received, lost, jitterMs, burstRatio, roundTripMs, heardByFarSide };
    this.#health.check(network, this.agreement.codec, nowMs);
  }

  #sendMedia(packet: Uint8Array): void {
    const { agreement } = this;
    if (agreement !== null) {
      const isSound = ((packet[1] as number) & 0x7f) === agreement.payloadType;
      this.#health.sent(isSound ? agreement.codec : null, packet, this.#nowMs);
    }
    this.#send(packet);
  }

  #send(packet: Uint8Array): void {
    const datagram = this.#secure === null ? packet : this.#secure.protect(packet);
    if (datagram !== null) this.#socket.send(datagram);
  }

  #receiveProtected(secure: SecurePath, bytes: Uint8Array, address: string, port: number): void {
    const packet = secure.receive(bytes, address, port, this.#now());
    if (packet === null) return;
    if (!secure.hasIce) {
      this.#accept(packet, address, port);
      return;
    }
    this.#firstSource ??= { address, port };
    this.#accept(packet, this.#firstSource.address, this.#firstSource.port);
  }

  #accept(packet: Uint8Array, address: string, port: number): void {
    if (this.#rtcp !== null && isRtcp(packet)) this.#acceptReport(this.#rtcp, packet, address, port);
    else this.incoming.accept(packet, address, port, this.#now());
  }

  /** Reports on the RTP port, whether agreed or not, are believed from the session's own source only. */
  #acceptReport(rtcp: RtcpPath, packet: Uint8Array, address: string, port: number): void {
    const source = this.incoming.latch.remote;
    if (source !== null && source.port === port && source.address === address) rtcp.receive(packet);
  }

  #openRtcp(options: RtpStreamOptions, { intervalMs, openSocket }: NonNullable<RtpStreamOptions['rtcp']>): RtcpPath {
    return new RtcpPath({
      outgoing: this.outgoing,
      reception: this.incoming.reception,
      ssrc: options.ssrc,
      intervalMs,
      nowMs: options.now(),
      sendMuxed: (packet) => this.#send(packet),
      openSocket,
      protect: (report) => (this.#secure === null ? report : this.#secure.protectApart(report)),
      unprotect: (datagram) => (this.#secure === null ? datagram : this.#secure.unprotectApart(datagram)),
      source: () => this.incoming.latch.remote,
      onReport: () => this.incoming.reported(this.#now()),
      now: options.now,
    });
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
