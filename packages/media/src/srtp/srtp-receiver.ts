import { readWord } from './big-endian.ts';
import { createTransform } from './create-transform.ts';
import { PacketIndex } from './packet-index.ts';
import { ReplayWindow } from './replay-window.ts';
import { MAX_SRTP_BYTES, MAX_SRTP_OVERHEAD, ReusedPacket, RTCP_CLEAR_BYTES, rtpHeaderBytes } from './srtp-packet.ts';
import { SRTP_SUITES, type SrtpSuite, type SrtpSuiteName } from './suite.ts';
import type { PacketNumbers, SrtpTransform } from './transform.ts';

/** One far end has one stream, and a new one now and then; the one that began first is forgotten. */
const MOST_STREAMS = 8;
const ENCRYPTED = 0x80000000 | 0;
const INDEX_MASK = 0x7fffffff;

interface Stream {
  ssrc: number;
  index: PacketIndex;
  window: ReplayWindow;
}

/** Opens what the far end protected; refuses what is forged, replayed or older than 128 packets. */
export class SrtpReceiver {
  readonly suite: SrtpSuite;
  readonly #master: Uint8Array;
  readonly #mkiBytes: number;
  readonly #rtp: SrtpTransform;
  #rtcp: SrtpTransform | null = null;
  readonly #streams = new Map<number, Stream>();
  /** Of the packet before, which nearly always is of the same stream. */
  #stream: Stream | null = null;
  readonly #rtcpWindows = new Map<number, ReplayWindow>();
  readonly #numbers: PacketNumbers = { ssrc: 0, roc: 0, sequence: 0 };
  readonly #opened = new ReusedPacket();

  /** `master`: key and salt, one behind the other; `mkiBytes`: length of the key identifier in every packet. */
  constructor(suite: SrtpSuiteName, master: Uint8Array, mkiBytes = 0) {
    this.suite = SRTP_SUITES[suite];
    this.#mkiBytes = mkiBytes;
    this.#master = master;
    this.#rtp = createTransform(this.suite, master, 'rtp');
  }

  /** The plain packet, valid until the next call; null when it must not be used. */
  unprotectRtp(datagram: Uint8Array): Uint8Array | null {
    const packet = this.#mkiBytes === 0 ? datagram : this.#withoutMki(datagram, this.suite.rtpTagBytes);
    const headerBytes = rtpHeaderBytes(packet);
    if (headerBytes < 0 || packet.length > MAX_SRTP_BYTES + MAX_SRTP_OVERHEAD) return null;
    const numbers = this.#numbers;
    numbers.sequence = ((packet[2] as number) << 8) | (packet[3] as number);
    numbers.ssrc = readWord(packet, 8);
    const stream = this.#stream?.ssrc === numbers.ssrc ? this.#stream : this.#streams.get(numbers.ssrc);
    if (stream === undefined) return this.#openFirst(packet, headerBytes);
    this.#stream = stream;
    const roc = stream.index.rocOf(numbers.sequence);
    const index = roc * 0x10000 + numbers.sequence;
    if (roc < 0 || !stream.window.isNew(index)) return null;
    numbers.roc = roc;
    const length = this.#rtp.open(packet, headerBytes, packet.length, numbers, false, this.#opened.bytes);
    if (length < 0) return null;
    stream.index.add(roc, numbers.sequence);
    stream.window.add(index);
    return this.#opened.start(length);
  }

  /** The same for RTCP; packets whose sender left them unencrypted are refused. */
  unprotectRtcp(datagram: Uint8Array): Uint8Array | null {
    const packet = this.#mkiBytes === 0 ? datagram : this.#withoutMki(datagram, this.suite.rtcpTagBytes);
    const gcm = this.suite.cipher === 'gcm';
    const wordAt = packet.length - 4 - (gcm ? 0 : this.suite.rtcpTagBytes);
    if (wordAt < RTCP_CLEAR_BYTES || packet.length > MAX_SRTP_BYTES + MAX_SRTP_OVERHEAD) return null;
    const word = readWord(packet, wordAt);
    if ((word & ENCRYPTED) === 0) return null;
    const index = word & INDEX_MASK;
    const ssrc = readWord(packet, 4);
    const window = this.#rtcpWindows.get(ssrc);
    if (window !== undefined && !window.isNew(index)) return null;
    this.#rtcp ??= createTransform(this.suite, this.#master, 'rtcp');
    const numbers = { ssrc, roc: index >>> 16, sequence: index & 0xffff };
    const length = this.#rtcp.open(packet, RTCP_CLEAR_BYTES, packet.length, numbers, true, this.#opened.bytes);
    if (length < 0) return null;
    keep(this.#rtcpWindows, ssrc, window ?? new ReplayWindow()).add(index);
    return this.#opened.start(length);
  }

  /** The identifier stands before the tag, or last where the tag belongs to the text (RFC 3711 §3.1, RFC 7714 §8.2). */
  #withoutMki(packet: Uint8Array, tagBytes: number): Uint8Array {
    const length = packet.length - this.#mkiBytes;
    if (length < tagBytes) return packet.subarray(0, 0);
    const rest = Uint8Array.from(packet.subarray(0, length));
    if (this.suite.cipher === 'cm') rest.set(packet.subarray(packet.length - tagBytes), length - tagBytes);
    return rest;
  }

  /** RFC 3711 lets a stream begin anywhere: one that wrapped before we heard it is in its second round. */
  #openFirst(packet: Uint8Array, headerBytes: number): Uint8Array | null {
    const numbers = this.#numbers;
    for (let roc = 0; roc <= 1; roc++) {
      numbers.roc = roc;
      const length = this.#rtp.open(packet, headerBytes, packet.length, numbers, false, this.#opened.bytes);
      if (length < 0) continue;
      const { ssrc } = numbers;
      const stream = { ssrc, index: new PacketIndex(roc, numbers.sequence), window: new ReplayWindow() };
      keep(this.#streams, ssrc, stream).window.add(roc * 0x10000 + numbers.sequence);
      return this.#opened.start(length);
    }
    return null;
  }
}

/** Puts an entry in, and at most {@link MOST_STREAMS} stay. */
function keep<Entry>(entries: Map<number, Entry>, ssrc: number, entry: Entry): Entry {
  if (!entries.has(ssrc) && entries.size >= MOST_STREAMS) {
    for (const oldest of entries.keys()) {
      entries.delete(oldest);
      break;
    }
  }
  entries.set(ssrc, entry);
  return entry;
}
