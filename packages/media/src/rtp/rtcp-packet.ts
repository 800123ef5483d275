/** Packet types (RFC 3550 §12.1). */
const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const GOODBYE = 203;

const CNAME = 1;
/** A block of a report, in octets. */
const BLOCK_BYTES = 24;

/** One block of a sender or receiver report (RFC 3550 §6.4.1): how its sender hears `ssrc`. */
export interface ReportBlock {
  /** Whom it is about, as a signed 32-bit number. */
  ssrc: number;
  /** Lost since the report before, in 256ths. */
  fractionLost: number;
  /** Lost so far; negative when duplicates were more. */
  cumulativeLost: number;
  /** The highest number, wraps in the upper 16 bits; unsigned. */
  extendedHighest: number;
  /** In units of the RTP clock. */
  jitterUnits: number;
  /** The middle 32 bits of the NTP time of the last sender report it had from `ssrc`, unsigned; 0: none. */
  lastReport: number;
  /** Since that report came, in 65,536ths of a second. */
  delaySinceLastReport: number;
}

/** What an RTCP datagram tells. */
export interface RtcpListener {
  /** A sender report: of whom, and the upper and lower half of its NTP time, unsigned. */
  sent(ssrc: number, ntpSeconds: number, ntpFraction: number): void;
  /** A block of a sender's or receiver's report by `reporter`; the block is reused after the call. */
  heard(reporter: number, block: ReportBlock): void;
  /** These SSRCs leave. */
  left(ssrc: number): void;
}

/**
 * True for datagrams that RFC 5761 §4 takes for RTCP where it shares the port of RTP: types 192 to 223. Every other
 * datagram of version 2 is RTP.
 */
export function isRtcp(bytes: Uint8Array): boolean {
  return bytes.length >= 8 && (bytes[0] as number) >> 6 === 2 && ((bytes[1] as number) & 0xe0) === 0xc0;
}

const block: ReportBlock = {
  ssrc: 0,
  fractionLost: 0,
  cumulativeLost: 0,
  extendedHighest: 0,
  jitterUnits: 0,
  lastReport: 0,
  delaySinceLastReport: 0,
};

/**
 * Reads a compound packet and tells the listener what it says. Lenient: a lone packet will do (RFC 5506), packets of
 * other types (SDES, APP, feedback of RFC 4585, XR of RFC 3611) are passed over, and what is cut off ends it.
 *
 * @returns false when not even the first packet is whole.
 */
export function readRtcp(bytes: Uint8Array, listener: RtcpListener): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + 4 <= bytes.length && (bytes[at] as number) >> 6 === 2) {
    const end = at + 4 + view.getUint16(at + 2) * 4;
    if (end > bytes.length) break;
    const count = (bytes[at] as number) & 0x1f;
    const type = bytes[at + 1];
    if (type === SENDER_REPORT && end - at >= 28) {
      listener.sent(view.getInt32(at + 4), view.getUint32(at + 8), view.getUint32(at + 12));
      readBlocks(view, at + 28, end, count, view.getInt32(at + 4), listener);
    } else if (type === RECEIVER_REPORT && end - at >= 8) {
      readBlocks(view, at + 8, end, count, view.getInt32(at + 4), listener);
    } else if (type === GOODBYE) {
      for (let i = 0; i < count && at + 8 + i * 4 <= end; i++) listener.left(view.getInt32(at + 4 + i * 4));
    }
    at = end;
  }
  return at > 0;
}

function readBlocks(view: DataView, from: number, end: number, count: number, by: number, to: RtcpListener): void {
  for (let i = 0, at = from; i < count && at + BLOCK_BYTES <= end; i++, at += BLOCK_BYTES) {
    block.ssrc = view.getInt32(at);
    block.fractionLost = view.getUint8(at + 4);
    block.cumulativeLost = (view.getInt32(at + 4) << 8) >> 8;
    block.extendedHighest = view.getUint32(at + 8);
    block.jitterUnits = view.getUint32(at + 12);
    block.lastReport = view.getUint32(at + 16);
    block.delaySinceLastReport = view.getUint32(at + 20);
    to.heard(by, block);
  }
}

/** Our own half of a sender report (RFC 3550 §6.4.1). */
export interface SenderInfo {
  ntpSeconds: number;
  ntpFraction: number;
  rtpTimestamp: number;
  packets: number;
  octets: number;
}

/**
 * Builds a compound packet: a sender report, or a receiver report when `sender` is null, with at most one block, then the
 * CNAME, then a BYE if wanted.
 */
export function buildRtcp(
  ssrc: number,
  sender: SenderInfo | null,
  about: ReportBlock | null,
  cname: string,
  bye: boolean,
): Uint8Array {
  const name = new TextEncoder().encode(cname).subarray(0, 255);
  const reportBytes = (sender === null ? 8 : 28) + (about === null ? 0 : BLOCK_BYTES);
  // SSRC, item type, length, text, and one to four zeros that end the chunk on a word.
  const descriptionBytes = 4 + Math.ceil((4 + 2 + name.length + 1) / 4) * 4;
  const bytes = new Uint8Array(reportBytes + descriptionBytes + (bye ? 8 : 0));
  const view = new DataView(bytes.buffer);

  writeHeader(view, 0, about === null ? 0 : 1, sender === null ? RECEIVER_REPORT : SENDER_REPORT, reportBytes, ssrc);
  let at = 8;
  if (sender !== null) {
    view.setUint32(at, sender.ntpSeconds);
    view.setUint32(at + 4, sender.ntpFraction);
    view.setUint32(at + 8, sender.rtpTimestamp);
    view.setUint32(at + 12, sender.packets);
    view.setUint32(at + 16, sender.octets);
    at += 20;
  }
  if (about !== null) writeBlock(view, at, about);

  at = reportBytes;
  writeHeader(view, at, 1, SOURCE_DESCRIPTION, descriptionBytes, ssrc);
  bytes[at + 8] = CNAME;
  bytes[at + 9] = name.length;
  bytes.set(name, at + 10);
  if (bye) writeHeader(view, at + descriptionBytes, 1, GOODBYE, 8, ssrc);
  return bytes;
}

function writeHeader(view: DataView, at: number, count: number, type: number, length: number, ssrc: number): void {
  view.setUint8(at, 0x80 | count);
  view.setUint8(at + 1, type);
  view.setUint16(at + 2, length / 4 - 1);
  view.setInt32(at + 4, ssrc);
}

function writeBlock(view: DataView, at: number, about: ReportBlock): void {
  view.setInt32(at, about.ssrc);
  view.setInt32(at + 4, Math.max(-0x80_0000, Math.min(about.cumulativeLost, 0x7f_ffff)));
  view.setUint8(at + 4, about.fractionLost);
  view.setUint32(at + 8, about.extendedHighest);
  view.setUint32(at + 12, about.jitterUnits);
  view.setUint32(at + 16, about.lastReport);
  view.setUint32(at + 20, about.delaySinceLastReport);
}
