/** One RTP packet as it came in. */
export interface ReceivedPacket {
  sequence: number;
  timestamp: number;
  ssrc: number;
  marker: boolean;
  payloadType: number;
  payload: Uint8Array;
  arrivalMs: number;
  fromPort: number;
}

export interface RtpContinuity {
  packets: number;
  ssrcs: number[];
  /** Readable breaks of the sequence numbers or timestamps, in order of arrival; empty when the stream is unbroken. */
  breaks: string[];
  /** Longest time between two arrivals. */
  longestPauseMs: number;
}

/** Longest pause before a marked packet, while the far side that is relayed sends evenly. */
const LONGEST_PAUSE_MS = 100;

/**
 * Checks that packets are one stream: one SSRC, sequence numbers one by one, timestamps in step with the payload.
 * `farStallMs`: how long the phone whose sound is relayed stood still itself, which the stream may show.
 */
export function continuity(packets: ReceivedPacket[], farStallMs = 0): RtpContinuity {
  const longestPauseSamples = (LONGEST_PAUSE_MS + farStallMs) * 8;
  const breaks: string[] = [];
  let longestPauseMs = 0;
  for (let i = 1; i < packets.length; i++) {
    const before = packets[i - 1];
    const packet = packets[i];
    if (before === undefined || packet === undefined) continue;
    longestPauseMs = Math.max(longestPauseMs, packet.arrivalMs - before.arrivalMs);
    const step = (packet.sequence - before.sequence) & 0xffff;
    if (step !== 1) breaks.push(`packet ${i}: sequence ${before.sequence} -> ${packet.sequence}`);
    if (packet.payloadType > 95 || before.payloadType > 95) continue;
    const advance = (packet.timestamp - before.timestamp) | 0;
    // A marked packet begins anew after a pause (RFC 3551 §4.1): a relayed far side went, or came back.
    if (packet.marker && advance > before.payload.length && advance <= longestPauseSamples) continue;
    if (advance !== before.payload.length) {
      breaks.push(`packet ${i}: timestamp advanced ${advance} after ${before.payload.length} samples`);
    }
  }
  return {
    packets: packets.length,
    ssrcs: [...new Set(packets.map((packet) => packet.ssrc))],
    breaks,
    longestPauseMs: Math.round(longestPauseMs),
  };
}

/** Fails unless the packets are one unbroken stream. */
export function assertContinuous(found: RtpContinuity): void {
  if (found.packets === 0) throw new Error('no RTP was received');
  if (found.ssrcs.length !== 1) throw new Error(`one SSRC expected, ${found.ssrcs.length} seen`);
  if (found.breaks.length > 0) {
    throw new Error(
      `RTP is not continuous:\n  ${found.breaks.slice(0, 8).join('\n  ')} (${found.breaks.length} breaks)`,
    );
  }
}
