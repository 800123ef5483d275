import { readWord } from './big-endian.ts';
import { createTransform } from './create-transform.ts';
import { PacketIndex } from './packet-index.ts';
import { MAX_SRTP_BYTES, ReusedPacket, RTCP_CLEAR_BYTES, rtpHeaderBytes } from './srtp-packet.ts';
import { SRTP_SUITES, type SrtpSuite, type SrtpSuiteName } from './suite.ts';
import type { PacketNumbers, SrtpTransform } from './transform.ts';

const ENCRYPTED = 0x80000000 | 0;
const MOST_RTCP_PACKETS = 0x80000000;

/**
 * Protects what one end sends. Packets of an SSRC must come with rising sequence numbers: two packets under one number
 * would give both away. The first one should be below 2^15, so that a receiver who misses it takes no wrap for granted.
 */
export class SrtpSender {
  readonly suite: SrtpSuite;
  readonly #master: Uint8Array;
  readonly #rtp: SrtpTransform;
  #rtcp: SrtpTransform | null = null;
  readonly #indices = new Map<number, PacketIndex>();
  /** Of the packet before, which nearly always is of the same stream. */
  #ssrc = 0;
  #index: PacketIndex | null = null;
  readonly #numbers: PacketNumbers = { ssrc: 0, roc: 0, sequence: 0 };
  readonly #sealed = new ReusedPacket();
  #rtcpIndex = 0;

  /** `master`: key and salt, one behind the other. */
  constructor(suite: SrtpSuiteName, master: Uint8Array) {
    this.suite = SRTP_SUITES[suite];
    this.#master = master;
    this.#rtp = createTransform(this.suite, master, 'rtp');
  }

  /** The protected packet, valid until the next call; null for what is no RTP packet or too long. */
  protectRtp(packet: Uint8Array): Uint8Array | null {
    const headerBytes = rtpHeaderBytes(packet);
    if (headerBytes < 0 || packet.length > MAX_SRTP_BYTES) return null;
    const numbers = this.#numbers;
    numbers.sequence = ((packet[2] as number) << 8) | (packet[3] as number);
    numbers.ssrc = readWord(packet, 8);
    let index = this.#index;
    if (index === null || numbers.ssrc !== this.#ssrc) index = this.#indexOf(numbers.ssrc, numbers.sequence);
    numbers.roc = index.rocOf(numbers.sequence);
    if (numbers.roc < 0) return null;
    index.add(numbers.roc, numbers.sequence);
    return this.#sealed.start(this.#rtp.seal(packet, headerBytes, numbers, null, this.#sealed.bytes));
  }

  /** The same for RTCP (RFC 3711 §3.4), which is always encrypted. Null also after 2^31 packets: new keys are due. */
  protectRtcp(packet: Uint8Array): Uint8Array | null {
    if (packet.length < RTCP_CLEAR_BYTES || packet.length > MAX_SRTP_BYTES) return null;
    const index = this.#rtcpIndex++;
    if (index >= MOST_RTCP_PACKETS) return null;
    this.#rtcp ??= createTransform(this.suite, this.#master, 'rtcp');
    const numbers = { ssrc: readWord(packet, 4), roc: index >>> 16, sequence: index & 0xffff };
    const length = this.#rtcp.seal(packet, RTCP_CLEAR_BYTES, numbers, index | ENCRYPTED, this.#sealed.bytes);
    return this.#sealed.start(length);
  }

  #indexOf(ssrc: number, sequence: number): PacketIndex {
    const index = this.#indices.get(ssrc) ?? new PacketIndex(0, sequence);
    this.#indices.set(ssrc, index);
    this.#ssrc = ssrc;
    this.#index = index;
    return index;
  }
}
