import { isIPv4 } from 'node:net';
import type { CodecName } from '../codec/audio-codec.ts';
import { AUDIO_CODECS } from '../codec/codecs.ts';
import type { TransportAddress } from '../rtp/source-latch.ts';
import { EVENT_CLOCK_RATE_HZ, type MediaAgreement } from './agreement.ts';
import type { RemoteFormat, RemoteMedia } from './remote-description.ts';

const PROTOCOLS = new Set(['RTP/AVP', 'RTP/AVPF']);
const HOLD_ADDRESSES = new Set(['0.0.0.0', '::']);

/** The formats of a line that we take, or the reason why there are none. */
export interface FormatMatch {
  codec: CodecName;
  audio: RemoteFormat;
  event: RemoteFormat | null;
  receive: MediaAgreement['receive'];
}

/** Whether the line is plain RTP audio that is not disabled. */
export function isUsableAudio(media: RemoteMedia): boolean {
  return media.type === 'audio' && media.port !== 0 && PROTOCOLS.has(media.protocol);
}

/** The first format of the far side's order that `codecs` allows, with the digits and comfort noise beside it; or null. */
export function matchFormats(media: RemoteMedia, codecs: readonly CodecName[]): FormatMatch | null {
  let match: FormatMatch | null = null;
  const receive: MediaAgreement['receive'] = [];
  let event: RemoteFormat | null = null;
  for (const format of media.formats) {
    const codec = codecs.find((name) => isFormatOf(format, name));
    if (codec !== undefined) {
      match ??= { codec, audio: format, event: null, receive };
      receive.push({ payloadType: format.payloadType, role: codec });
    } else if (format.name === 'TELEPHONE-EVENT' && format.clockRateHz === EVENT_CLOCK_RATE_HZ) {
      event ??= format;
      receive.push({ payloadType: format.payloadType, role: 'telephone-event' });
    } else if (format.name === 'CN' && format.clockRateHz === EVENT_CLOCK_RATE_HZ) {
      receive.push({ payloadType: format.payloadType, role: 'CN' });
    }
  }
  if (match === null) return null;
  // RFC 3551 gives comfort noise a payload type of its own; phones send it without announcing it.
  if (!receive.some(({ payloadType }) => payloadType === 13)) receive.push({ payloadType: 13, role: 'CN' });
  return { ...match, event };
}

function isFormatOf(format: RemoteFormat, name: CodecName): boolean {
  return format.name === name && format.clockRateHz === AUDIO_CODECS[name].clockRateHz && format.channels === 1;
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
  const { address, port } = media;
  if (address === null || isHeldByAddress(media) || port === 0) return null;
  if (isIPv4(address) !== (ownFamily === 4)) return null;
  const multicast = ownFamily === 4 ? Number(address.split('.', 1)[0]) >= 224 : /^ff/i.test(address);
  return multicast ? null : { address, port };
}
