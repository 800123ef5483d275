import type { CodecName, EncoderParameters } from '../codec/audio-codec.ts';
import type { TransportAddress } from '../rtp/source-latch.ts';

/** What a payload type of the far side means. */
export type PayloadRole = CodecName | 'telephone-event' | 'CN';

/** What offer and answer settled; a plain JSON value, so that it can be sent to the worker that carries the call. */
export interface MediaAgreement {
  /** Where the far side wants its RTP; null when on old-style hold (`0.0.0.0`) or at an address we cannot send to. */
  remote: TransportAddress | null;
  codec: CodecName;
  payloadType: number;
  /** What the far side asks of our encoder; null: nothing. */
  encoder: EncoderParameters | null;
  /** The payload type for digits we send (RFC 4733); null when not agreed, then digits are tones. */
  eventPayloadType: number | null;
  /** Unit of the lengths in events of both directions: the clock of the codec wherever the far side has such events. */
  eventClockRateHz: number;
  /** Payload types the far side may use. */
  receive: { payloadType: number; role: PayloadRole }[];
  /** Length of the packets we send: a multiple of 5 from 10 to 60, with Opus 10, 20, 40 or 60. */
  packetMs: number;
  maySend: boolean;
  mayReceive: boolean;
  /**
   * Where RTCP goes: with `mux` over the RTP socket (RFC 5761), else to `remote`, the port after the RTP port where the far
   * side names none (RFC 3605).
   */
  rtcp: { mux: boolean; remote: TransportAddress | null };
}

/** Clock of the events that every far side knows. */
export const EVENT_CLOCK_RATE_HZ = 8000;

const DEFAULT_PACKET_MS = 20;
const SHORTEST_PACKET_MS = 10;
const LONGEST_PACKET_MS = 60;
const PACKET_STEP_MS = 5;
/** One frame each (RFC 6716 §2.1.4). */
const OPUS_PACKETS_MS = [60, 40, 20];

/** The packet length to send: what the far side asks for, rounded to what the clock and the codec can do, or 20 ms. */
export function choosePacketMs(codec: CodecName, ptimeMs: number | null, maxptimeMs: number | null): number {
  const asked = Math.round((ptimeMs ?? DEFAULT_PACKET_MS) / PACKET_STEP_MS) * PACKET_STEP_MS;
  const most = Math.floor((maxptimeMs ?? LONGEST_PACKET_MS) / PACKET_STEP_MS) * PACKET_STEP_MS;
  const packetMs = Math.max(SHORTEST_PACKET_MS, Math.min(LONGEST_PACKET_MS, asked, most));
  if (codec !== 'opus') return packetMs;
  return OPUS_PACKETS_MS.find((length) => length <= packetMs) ?? SHORTEST_PACKET_MS;
}
