import { randomBytes } from 'node:crypto';
import type { ReceptionFigures } from './reception.ts';
import { buildRtcp, type ReportBlock, type RtcpListener, readRtcp, type SenderInfo } from './rtcp-packet.ts';

/** Seconds from 1900, where NTP begins, to 1970. */
const NTP_UNIX_SECONDS = 2_208_988_800;
/** RFC 3550 §6.3.1: what the random interval is divided by, so that its mean comes out right. */
const COMPENSATION = Math.E - 1.5;
/** A round trip longer than this is a mistake of somebody's clock. */
const MAX_ROUND_TRIP_MS = 60_000;

/** What we have sent so far. */
export interface SendFigures {
  packets: number;
  /** Payload octets. */
  octets: number;
  clockRateHz: number;
  /** The RTP timestamp of a packet and the time it was sent at, on the time base of `nowMs`. */
  timestamp: number;
  timestampMs: number;
}

export interface RtcpSessionOptions {
  /** Of our stream, signed 32-bit. */
  ssrc: number;
  /** See {@link randomCname}. */
  cname: string;
  /** Unix time, in ms, at which `nowMs` was 0. */
  epochMs: number;
  nowMs: number;
  /** The mean time between reports; 5000 (RFC 3550 §6.2). */
  intervalMs?: number;
  random?: () => number;
}

/** How the far side hears us, by its last report. */
export interface RemoteReception {
  /** Of our packets since its report before. */
  lossPercent: number;
  /** Of our packets so far. */
  lost: number;
  jitterMs: number;
  /** When the report came. */
  atMs: number;
}

/** A name that tells nothing of us and is new for every call (RFC 7022 §4.2). */
export function randomCname(): string {
  return randomBytes(12).toString('base64');
}

/**
 * RTCP of one session between two (RFC 3550 §6): when a report is due, what it says, and what the far side's say. It
 * neither sends nor reads a clock: the time comes with every call.
 *
 * With two members the least interval of 5 s decides: a report is some 100 octets, and 5 % of the bandwidth of any of our
 * codecs would carry several in that time. So the rules for many members (§6.3) come down to the randomised interval,
 * half of it before the first report, and a BYE that need not wait.
 */
export class RtcpSession {
  /** The last known round trip; null while none could be measured. */
  roundTripMs: number | null = null;
  remote: RemoteReception | null = null;
  /** When the far side's last report came, of whatever. */
  reportedMs = Number.NEGATIVE_INFINITY;
  /** The highest sequence number of ours that it knows, with wraps; 0: none. */
  remoteHighest = 0;
  readonly #options: RtcpSessionOptions;
  readonly #random: () => number;
  readonly #intervalMs: number;
  readonly #listener: RtcpListener;
  #dueMs: number;
  #nowMs = 0;
  #clockRateHz = 8000;
  #sentPackets = 0;
  #sentPacketsBefore = 0;
  #hasReported = false;
  #reporter = 0;
  #reportTime = 0;
  #reportMs = Number.NEGATIVE_INFINITY;
  #blockSsrc = 0;
  #expected = 0;
  #received = 0;

  constructor(options: RtcpSessionOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
    this.#intervalMs = options.intervalMs ?? 5000;
    this.#dueMs = options.nowMs + this.#interval() / 2;
    this.#listener = {
      sent: (ssrc, ntpSeconds, ntpFraction) => this.#noteReport(ssrc, ntpSeconds, ntpFraction),
      heard: (_reporter, block) => this.#noteBlock(block),
      // Whether a call is over is said by SIP.
      left: () => undefined,
    };
  }

  /** Takes one datagram of the far side. False when it is no RTCP. */
  onPacket(bytes: Uint8Array, nowMs: number): boolean {
    this.#nowMs = nowMs;
    return readRtcp(bytes, this.#listener);
  }

  /** True when the next report should go out. */
  due(nowMs: number): boolean {
    return nowMs >= this.#dueMs;
  }

  /**
   * The report for now: a sender report when we sent lately, and how we hear the far side when something came from it
   * since the report before. Starts the next interval.
   */
  build(nowMs: number, sent: SendFigures, reception: ReceptionFigures): Uint8Array {
    this.#dueMs = nowMs + this.#interval();
    return this.#compound(nowMs, sent, reception, false);
  }

  /** The last report, with a BYE; null when we never said anything (RFC 3550 §6.3.7). */
  buildBye(nowMs: number, sent: SendFigures, reception: ReceptionFigures): Uint8Array | null {
    if (!this.#hasReported && sent.packets === 0) return null;
    return this.#compound(nowMs, sent, reception, true);
  }

  #compound(nowMs: number, sent: SendFigures, reception: ReceptionFigures, bye: boolean): Uint8Array {
    const { ssrc, cname } = this.#options;
    this.#clockRateHz = sent.clockRateHz;
    // A sender is who has sent since the last report but one (§6.4).
    const info = sent.packets > this.#sentPacketsBefore ? this.#senderInfo(nowMs, sent) : null;
    this.#sentPacketsBefore = this.#hasReported ? this.#sentPackets : 0;
    this.#sentPackets = sent.packets;
    this.#hasReported = true;
    return buildRtcp(ssrc, info, this.#block(nowMs, reception), cname, bye);
  }

  #senderInfo(nowMs: number, sent: SendFigures): SenderInfo {
    const unixMs = this.#options.epochMs + nowMs;
    const seconds = Math.floor(unixMs / 1000);
    return {
      ntpSeconds: seconds + NTP_UNIX_SECONDS,
      ntpFraction: Math.floor(((unixMs - seconds * 1000) / 1000) * 2 ** 32),
      rtpTimestamp: sent.timestamp + Math.round(((nowMs - sent.timestampMs) * sent.clockRateHz) / 1000),
      packets: sent.packets,
      octets: sent.octets,
    };
  }

  #block(nowMs: number, reception: ReceptionFigures): ReportBlock | null {
    const { ssrc, expected, received } = reception;
    // Fewer than before: another SSRC, or its numbers have started anew.
    if (ssrc !== this.#blockSsrc || expected < this.#expected || received < this.#received) {
      this.#expected = 0;
      this.#received = 0;
    }
    this.#blockSsrc = ssrc;
    const expectedNow = expected - this.#expected;
    const receivedNow = received - this.#received;
    this.#expected = expected;
    this.#received = received;
    if (receivedNow <= 0) return null;
    const lostNow = Math.max(0, expectedNow - receivedNow);
    const heardReport = ssrc === this.#reporter && this.#reportMs > Number.NEGATIVE_INFINITY;
    return {
      ssrc,
      fractionLost: expectedNow > 0 ? Math.min(255, Math.floor((lostNow * 256) / expectedNow)) : 0,
      cumulativeLost: expected - received,
      extendedHighest: reception.extendedHighest,
      jitterUnits: Math.round(reception.jitterUnits),
      lastReport: heardReport ? this.#reportTime : 0,
      delaySinceLastReport: heardReport ? Math.round((nowMs - this.#reportMs) * 65.536) : 0,
    };
  }

  #noteReport(ssrc: number, ntpSeconds: number, ntpFraction: number): void {
    this.#reporter = ssrc;
    this.#reportTime = ((ntpSeconds << 16) | (ntpFraction >>> 16)) >>> 0;
    this.#reportMs = this.#nowMs;
    this.reportedMs = this.#nowMs;
  }

  #noteBlock(block: ReportBlock): void {
    this.reportedMs = this.#nowMs;
    if (block.ssrc !== this.#options.ssrc) return;
    this.remoteHighest = block.extendedHighest;
    this.remote = {
      lossPercent: (block.fractionLost * 100) / 256,
      lost: block.cumulativeLost,
      jitterMs: (block.jitterUnits * 1000) / this.#clockRateHz,
      atMs: this.#nowMs,
    };
    if (block.lastReport === 0) return;
    const now = this.#middleOfNtp();
    const roundTripMs = ((now - block.lastReport - block.delaySinceLastReport) | 0) / 65.536;
    // Both times are rounded, so a very short way may come out negative.
    if (roundTripMs > -2 && roundTripMs < MAX_ROUND_TRIP_MS) this.roundTripMs = Math.max(0, roundTripMs);
  }

  #middleOfNtp(): number {
    const seconds = (this.#options.epochMs + this.#nowMs) / 1000 + NTP_UNIX_SECONDS;
    return Math.floor((seconds % 0x10000) * 0x10000);
  }

  #interval(): number {
    return (this.#intervalMs * (0.5 + this.#random())) / COMPENSATION;
  }
}
