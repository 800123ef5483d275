import { isIPv4 } from 'node:net';
import type { CodecName } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import type { TransportAddress } from '../rtp/source-latch.ts';
import type { MediaAgreement } from './agreement.ts';
import { isFormatOf } from './format-names.ts';
import type { RemoteFormat, RemoteMedia } from './remote-description.ts';
import { isKnownProtocol } from './transport-security.ts';

const HOLD_ADDRESSES = new Set(['0.0.0.0', '::']);
const COMFORT_NOISE_PAYLOAD_TYPE = 13;

/** The formats of a line that we take. */
export interface FormatMatch {
  codec: CodecName;
  audio: RemoteFormat;
  event: RemoteFormat | null;
  receive: MediaAgreement['receive'];
}

/** Whether the line is RTP audio that is not disabled. */
export function isUsableAudio(media: RemoteMedia): boolean {
  return media.type === 'audio' && media.port !== 0 && isKnownProtocol(media.protocol);
}

/**
 * The format to use, with the digits and comfort noise beside it; or null when `codecs` has none of the line. The first one
 * in the far side's order, or, with `ownOrder`, in that of `codecs`.
 */
export function matchFormats(media: RemoteMedia, codecs: readonly CodecName[], ownOrder = false): FormatMatch | null {
  const matches: { codec: CodecName; audio: RemoteFormat }[] = [];
  const receive: MediaAgreement['receive'] = [];
  for (const format of media.formats) {
    const { payloadType } = format;
    const codec = codecs.find((name) => isFormatOf(format, name));
    if (codec !== undefined) {
      matches.push({ codec, audio: format });
      receive.push({ payloadType, role: codec });
    } else if (format.name === 'TELEPHONE-EVENT') {
      receive.push({ payloadType, role: 'telephone-event' });
    } else if (format.name === 'CN') {
      receive.push({ payloadType, role: 'CN' });
    }
  }
  if (ownOrder) matches.sort((a, b) => codecs.indexOf(a.codec) - codecs.indexOf(b.codec));
  const match = matches[0];
  if (match === undefined) return null;
  // RFC 3551 gives comfort noise a payload type of its own; phones send it without announcing it.
  if (!media.formats.some(({ payloadType }) => payloadType === COMFORT_NOISE_PAYLOAD_TYPE)) {
    receive.push({ payloadType: COMFORT_NOISE_PAYLOAD_TYPE, role: 'CN' });
  }
  return { ...match, event: matchEvent(media, AUDIO_CODECS[match.codec].clockRateHz), receive };
}

/** Events share the timestamps of the sound, so they should run at its clock (RFC 4733 §2.6); some far sides have only 8000. */
function matchEvent(media: RemoteMedia, clockRateHz: number): RemoteFormat | null {
  const events = media.formats.filter(({ name }) => name === 'TELEPHONE-EVENT');
  return events.find((event) => event.clockRateHz === clockRateHz) ?? events[0] ?? null;
}

/** Whether the line asks for hold in the way of RFC 2543: an address of zeros. */
export function isHeldByAddress(media: RemoteMedia): boolean {
  return media.address !== null && HOLD_ADDRESSES.has(media.address);
}

/**
 * Where to send to; null for hold by address, host names, multicast, the limited broadcast address and addresses of the
 * other IP version, none of which we send to: then the first packet that comes tells.
 */
export function reachableAddress(media: RemoteMedia, ownFamily: 4 | 6): TransportAddress | null {
  return reachable(media.address, media.port, ownFamily);
}

/** Where to send RTCP to when it has a port of its own: what `a=rtcp` says (RFC 3605), else the port after the RTP port. */
export function reachableRtcpAddress(media: RemoteMedia, ownFamily: 4 | 6): TransportAddress | null {
  const { rtcp } = media;
  if (media.port === 0) return null;
  return reachable(rtcp?.address ?? media.address, rtcp?.port ?? media.port + 1, ownFamily);
}

function reachable(address: string | null, port: number, ownFamily: 4 | 6): TransportAddress | null {
  if (address === null || HOLD_ADDRESSES.has(address) || port === 0 || port > 65_535) return null;
  if (isIPv4(address) !== (ownFamily === 4)) return null;
  const multicast = ownFamily === 4 ? Number(address.split('.', 1)[0]) >= 224 : /^ff/i.test(address);
  return multicast ? null : { address, port };
}
