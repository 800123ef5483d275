import { BlockList, isIPv6 } from 'node:net';
import type { DtlsSrtpKeys } from '../dtls/dtls-endpoint.ts';
import { IceLiteAgent } from '../ice/ice-lite-agent.ts';
import { isRtcp } from '../rtp/rtcp-packet.ts';
import type { TransportAddress } from '../rtp/source-latch.ts';
import type { SrtpKey } from '../srtp/sdes.ts';
import { SrtpReceiver } from '../srtp/srtp-receiver.ts';
import { SrtpSender } from '../srtp/srtp-sender.ts';
import type { SessionSecurity } from './security.ts';

export interface SecurePathOptions {
  /** Sends to an address other than the one media goes to. */
  sendTo: (datagram: Uint8Array, address: string, port: number) => void;
  /** Where media goes by SDP and latch, for DTLS without ICE; null: not known yet. */
  mediaAddress: () => TransportAddress | null;
  /** A datagram of DTLS came in; the bytes are only valid during the call. */
  onDtls: (datagram: Uint8Array) => void;
  /** The far side was found, so that DTLS can begin. */
  onPath: () => void;
  onConsentLost: (silentMs: number) => void;
  /** See {@link IceLiteAgentOptions.consentMs}. */
  consentMs: number;
}

/** More than any handshake needs; a flood must not reach the control thread. */
const MOST_DTLS_PER_SECOND = 50;

/** Addresses that mean nothing outside their network (RFC 1918, 3927, 4193, 4291, 6598). */
const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const) {
  PRIVATE.addSubnet(network, bits);
}
PRIVATE.addSubnet('fc00::', 7, 'ipv6');
PRIVATE.addSubnet('fe80::', 10, 'ipv6');

/**
 * What stands between a session and its socket once protection is agreed: it tells STUN, DTLS and media apart (RFC 7983),
 * answers the far side's checks, and lets through only what SRTP proves to be the far side's. Until the keys are there
 * nothing is let through in either direction.
 */
export class SecurePath {
  readonly #options: SecurePathOptions;
  #ice: IceLiteAgent | null = null;
  #sender: { key: SrtpKey; srtp: SrtpSender } | null = null;
  #receiver: { key: SrtpKey; srtp: SrtpReceiver } | null = null;
  #kind: SessionSecurity['kind'] = 'none';
  #hasPath = false;
  #dtlsSource: TransportAddress | null = null;
  #dtlsSecond = 0;
  #dtlsCount = 0;
  /** Datagrams that were no media of the far side's. */
  refused = 0;

  constructor(options: SecurePathOptions) {
    this.#options = options;
  }

  /** Whether ICE, and not the SDP, says where media goes. */
  get hasIce(): boolean {
    return this.#ice !== null;
  }

  /** Where ICE sends media to. */
  get remote(): TransportAddress | null {
    return this.#ice?.selected ?? null;
  }

  /** Where DTLS goes to, when that is known better than where media goes: a NAT may have changed it. */
  get dtlsRemote(): TransportAddress | null {
    return this.#ice === null ? this.#dtlsSource : null;
  }

  /** Puts what offer and answer settled into force; streams whose key stays go on as they are. */
  configure(security: Exclude<SessionSecurity, { kind: 'none' }>, nowMs: number): void {
    if (security.kind !== this.#kind) {
      this.#sender = null;
      this.#receiver = null;
      this.#dtlsSource = null;
    }
    this.#kind = security.kind;
    if (security.kind === 'sdes') {
      this.#ice = null;
      this.setKeys(security);
      return;
    }
    if (security.ice === null) {
      this.#ice = null;
      return;
    }
    const { onConsentLost, sendTo, consentMs } = this.#options;
    this.#ice ??= new IceLiteAgent({ send: sendTo, consentMs, onConsentLost });
    this.#ice.configure(security.ice.local, security.ice.remoteUfrag, nowMs);
  }

  /** The keys of both directions. One that stays keeps its counters, because its keystream must not begin again. */
  setKeys({ send, receive }: DtlsSrtpKeys): void {
    if (this.#sender === null || !sameKey(this.#sender.key, send)) {
      this.#sender = { key: send, srtp: new SrtpSender(send.suite, masterOf(send)) };
    }
    if (this.#receiver === null || !sameKey(this.#receiver.key, receive)) {
      const srtp = new SrtpReceiver(receive.suite, masterOf(receive), receive.mkiBytes);
      this.#receiver = { key: receive, srtp };
    }
  }

  /** The protected form of an RTP or RTCP packet, valid until the next call; null: do not send. */
  protect(packet: Uint8Array): Uint8Array | null {
    const srtp = this.#sender?.srtp;
    if (srtp === undefined) return null;
    return isRtcp(packet) ? srtp.protectRtcp(packet) : srtp.protectRtp(packet);
  }

  /** The same for RTCP on a port of its own, which only shares the keys of SDES: with DTLS it would need a handshake. */
  protectApart(report: Uint8Array): Uint8Array | null {
    return this.#kind === 'sdes' ? this.protect(report) : null;
  }

  /** The plain form of what came on RTCP's own port, valid until the next call, or null. */
  unprotectApart(datagram: Uint8Array): Uint8Array | null {
    return this.#kind === 'sdes' && isRtcp(datagram) ? this.#unprotect(datagram) : null;
  }

  /** Takes a datagram; the plain RTP or RTCP packet in it, valid until the next call, or null. */
  receive(datagram: Uint8Array, address: string, port: number, nowMs: number): Uint8Array | null {
    const first = datagram[0] ?? 255;
    if (first < 4) this.#receiveCheck(datagram, address, port, nowMs);
    else if (first >= 20 && first < 64) this.#receiveDtls(datagram, address, port, nowMs);
    else if (first >= 128 && first < 192) return this.#unprotect(datagram);
    else this.refused++;
    return null;
  }

  /** To be called every few milliseconds. */
  tick(nowMs: number): void {
    this.#ice?.tick(nowMs);
  }

  #unprotect(datagram: Uint8Array): Uint8Array | null {
    const srtp = this.#receiver?.srtp;
    const packet = isRtcp(datagram) ? srtp?.unprotectRtcp(datagram) : srtp?.unprotectRtp(datagram);
    if (packet != null) return packet;
    this.refused++;
    return null;
  }

  #receiveCheck(datagram: Uint8Array, address: string, port: number, nowMs: number): void {
    if (this.#ice === null) {
      this.refused++;
      return;
    }
    this.#ice.receive(datagram, address, port, nowMs);
    if (this.#hasPath || this.#ice.selected === null) return;
    this.#hasPath = true;
    this.#options.onPath();
  }

  #receiveDtls(datagram: Uint8Array, address: string, port: number, nowMs: number): void {
    // Before everything else: a stranger must neither disturb the handshake nor use up its share.
    if (!this.#mayHandshake(address, port)) {
      this.refused++;
      return;
    }
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#dtlsSecond) {
      this.#dtlsSecond = second;
      this.#dtlsCount = 0;
    }
    this.#dtlsCount++;
    if (this.#dtlsCount > MOST_DTLS_PER_SECOND) {
      this.refused++;
      return;
    }
    const source = this.#dtlsSource;
    if (source?.port !== port || source.address !== address) this.#dtlsSource = { address, port };
    this.#options.onDtls(datagram);
  }

  /**
   * With ICE who showed by a check that he knows our password. Else the host that media goes to; where the SDP names an
   * address behind a NAT, the first who comes.
   */
  #mayHandshake(address: string, port: number): boolean {
    if (this.#ice !== null) return this.#ice.hasChecked(address, port);
    const media = this.#options.mediaAddress();
    if (media === null) return false;
    if (media.address === address) return true;
    if (!PRIVATE.check(media.address, isIPv6(media.address) ? 'ipv6' : 'ipv4')) return false;
    return this.#dtlsSource === null || this.#dtlsSource.address === address;
  }
}

function sameKey(a: SrtpKey, b: SrtpKey): boolean {
  return a.suite === b.suite && a.master === b.master && a.mkiBytes === b.mkiBytes;
}

function masterOf(key: SrtpKey): Uint8Array {
  return Buffer.from(key.master, 'base64');
}
