import { AUDIO_CODECS } from '../codec/codecs.ts';
import type { ReceptionFigures } from '../rtp/reception.ts';
import { type RemoteReception, RtcpSession, randomCname, type SendFigures } from '../rtp/rtcp-session.ts';
import type { TransportAddress } from '../rtp/source-latch.ts';
import type { MediaAgreement } from '../sdp/agreement.ts';
import type { PacketSocket } from '../worker/packet-socket.ts';
import type { Outgoing } from './outgoing.ts';

/** Binds, or finds bound, the port after the session's RTP port; null when another program has it. */
export type OpenRtcpSocket = (opened: (socket: PacketSocket | null) => void) => void;

export interface RtcpPathOptions {
  outgoing: Outgoing;
  reception: ReceptionFigures;
  /** Our stream's, a signed 32-bit number. */
  ssrc: number;
  /** The mean time between reports. */
  intervalMs: number;
  nowMs: number;
  /** Sends over the RTP socket. */
  sendMuxed: (packet: Uint8Array) => void;
  openSocket: OpenRtcpSocket;
  /** What goes over the own socket for a report, and the report in what came over it; null: nothing. */
  protect: (report: Uint8Array) => Uint8Array | null;
  unprotect: (datagram: Uint8Array) => Uint8Array | null;
  /** Whom the session listens to; null: nobody yet. */
  source: () => TransportAddress | null;
  /** A report of the far side came. */
  onReport: () => void;
  now: () => number;
}

/** Reports come every 2 to 6 s (RFC 3550 §6.3.1); when this long none came, none are sent any more. */
const REPORTS_LAST_MS = 15_000;
/** After so many reports of no loss, one after the other, none is expected: about 15 s. */
const LOSSLESS_REPORTS = 3;

/** RTCP of one session: on the RTP socket where both agreed on that (RFC 5761), else on the next port. */
export class RtcpPath {
  readonly #options: RtcpPathOptions;
  readonly #session: RtcpSession;
  readonly #sent: SendFigures = { packets: 0, octets: 0, clockRateHz: 8000, timestamp: 0, timestampMs: 0 };
  #mux = true;
  #signalled: TransportAddress | null = null;
  /** Where the far side's reports came from, which a NAT may have changed. */
  #heard: TransportAddress | null = null;
  #socket: PacketSocket | null = null;
  #opening = false;
  #closed = false;
  /** The report that was looked at last, and how many without loss came up to it. */
  #judged: RemoteReception | null = null;
  #lossless = 0;

  constructor(options: RtcpPathOptions) {
    this.#options = options;
    const { ssrc, intervalMs, nowMs } = options;
    this.#session = new RtcpSession({
      ssrc,
      cname: randomCname(),
      epochMs: performance.timeOrigin,
      nowMs,
      intervalMs,
    });
  }

  get roundTripMs(): number | null {
    return this.#session.roundTripMs;
  }

  /** How the far side hears us. */
  get remote(): RemoteReception | null {
    return this.#session.remote;
  }

  /** The last packet of ours that the far side knows, with wraps; null: it reports nothing lately. */
  heardByFarSide(nowMs: number): number | null {
    return nowMs - this.#session.reportedMs < REPORTS_LAST_MS ? this.#session.remoteHighest : null;
  }

  configure({ codec, rtcp }: MediaAgreement): void {
    this.#sent.clockRateHz = AUDIO_CODECS[codec].clockRateHz;
    this.#mux = rtcp.mux;
    if (rtcp.remote?.address !== this.#signalled?.address || rtcp.remote?.port !== this.#signalled?.port) {
      this.#signalled = rtcp.remote;
      this.#heard = null;
    }
    if (rtcp.mux) return;
    this.#aim();
    if (this.#socket !== null || this.#opening) return;
    this.#opening = true;
    this.#options.openSocket((socket) => this.#opened(socket));
  }

  /** A report that came over the RTP socket from the session's own source. */
  receive(bytes: Uint8Array): void {
    if (this.#session.onPacket(bytes, this.#options.now())) this.#reported();
  }

  /** To be called every few milliseconds. `dueInMs`: when the next packet of sound is due. */
  tick(nowMs: number, dueInMs: number): void {
    if (!this.#session.due(nowMs)) return;
    this.#send(this.#session.build(nowMs, this.#figures(nowMs + dueInMs), this.#options.reception));
  }

  /** Says goodbye and leaves the socket as it was given. */
  close(nowMs: number): void {
    const bye = this.#session.buildBye(nowMs, this.#figures(nowMs), this.#options.reception);
    if (bye !== null) this.#send(bye);
    this.#closed = true;
    if (this.#socket === null) return;
    this.#socket.onPacket = null;
    this.#socket.unaim();
  }

  #opened(socket: PacketSocket | null): void {
    if (this.#closed || socket === null) return;
    this.#socket = socket;
    socket.onPacket = (bytes, address, port) => {
      // A stranger may know the port; reports are believed from the host that is listened to only.
      const source = this.#options.source();
      const report = source?.address === address ? this.#options.unprotect(bytes) : null;
      if (report === null || !this.#session.onPacket(report, this.#options.now())) return;
      this.#reported();
      if (this.#heard?.port === port && this.#heard.address === address) return;
      this.#heard = { address, port };
      this.#aim();
    };
    this.#aim();
  }

  #reported(): void {
    this.#options.onReport();
    const { remote } = this.#session;
    if (remote === null || remote === this.#judged) return;
    this.#judged = remote;
    this.#lossless = remote.lossPercent > 0 ? 0 : this.#lossless + 1;
    this.#options.outgoing.sender.expectLosses(this.#lossless < LOSSLESS_REPORTS);
  }

  #aim(): void {
    const target = this.#heard ?? this.#signalled;
    if (target === null) this.#socket?.unaim();
    else this.#socket?.aim(target.address, target.port, false);
  }

  #send(packet: Uint8Array): void {
    if (this.#mux) {
      this.#options.sendMuxed(packet);
      return;
    }
    const datagram = this.#options.protect(packet);
    if (datagram !== null) this.#socket?.send(datagram);
  }

  #figures(timestampMs: number): SendFigures {
    const { outgoing } = this.#options;
    const { sender } = outgoing;
    const sent = this.#sent;
    sent.packets = sender.packetsSent;
    sent.octets = sender.octetsSent;
    sent.timestamp = outgoing.nextTimestamp;
    sent.timestampMs = timestampMs;
    return sent;
  }
}
