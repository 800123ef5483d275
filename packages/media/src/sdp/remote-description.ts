import { isIP } from 'node:net';
import { type MediaDescription, parse } from 'sdp-transform';
import type { Direction } from './direction.ts';
import { SdpError } from './error.ts';

/** One format of an audio line with the name its `a=rtpmap` or the static table gives it, in capitals. */
export interface RemoteFormat {
  payloadType: number;
  name: string;
  clockRateHz: number;
  channels: number;
  /** The text of its `a=fmtp`, or `''`. */
  fmtp: string;
}

/** One m-line of the far side. */
export interface RemoteMedia {
  /** The line as it came, without `m=`. */
  line: string;
  type: string;
  /** 0: refused or disabled. */
  port: number;
  protocol: string;
  /** In the order of preference; formats without a known name left out. */
  formats: RemoteFormat[];
  /** An IP address, or null when a host name or nothing was given. `0.0.0.0` and `::` as they are. */
  address: string | null;
  direction: Direction;
  ptimeMs: number | null;
  maxptimeMs: number | null;
  rtcpMux: boolean;
  /** What `a=rtcp` says (RFC 3605). */
  rtcp: { port: number; address: string | null } | null;
  mid: string | null;
  /** Lines about keys and connectivity as they came, those of the media line before those of the whole session. */
  transport: readonly TransportAttribute[];
}

/** One line `a=name:value`; `value` is `''` for a line without. */
export interface TransportAttribute {
  name: string;
  value: string;
}

const MAX_CHARACTERS = 65_536;
const MAX_MEDIA_LINES = 32;

// Only lines we use reach the parser: less work, and nothing else in a hostile body can matter.
const USEFUL =
  /^(?:[voct]=|m=|a=(?:rtpmap:|fmtp:|ptime:|maxptime:|mid:|rtcp:|rtcp-mux$|sendrecv$|sendonly$|recvonly$|inactive$))/;
const TRANSPORT =
  /^a=(group|crypto|fingerprint|setup|tls-id|ice-ufrag|ice-pwd|ice-options|ice-lite|candidate|end-of-candidates)(?::(.*))?$/;
const MEDIA_LINE = /^([a-z]+) (\d{1,5})(?:\/\d+)? ([A-Za-z/]+)((?: [^\s]+)*)\s*$/i;

const STATIC_FORMATS: Readonly<Record<number, string>> = { 0: 'PCMU', 8: 'PCMA', 9: 'G722', 13: 'CN' };

/**
 * Reads an SDP body (RFC 8866) as far as audio over RTP needs it. Line ends may be CRLF, CR or LF.
 *
 * @throws SdpError 400 when it is no SDP: no `v=0` at its start, no or too many m-lines, an unreadable m-line, too long.
 */
export function readRemoteDescription(sdp: string): RemoteMedia[] {
  if (typeof sdp !== 'string' || !/^\s*v=0\s*[\r\n]/.test(sdp)) {
    throw new SdpError(400, 'The body is no SDP: it does not begin with "v=0"');
  }
  if (sdp.length > MAX_CHARACTERS) {
    throw new SdpError(400, `The SDP has ${sdp.length} characters; at most ${MAX_CHARACTERS} are read`);
  }
  const allLines = sdp.split(/[\r\n]+/);
  const lines = allLines.filter((line) => USEFUL.test(line));
  const mediaLines = lines.filter((line) => line.startsWith('m=')).map((line) => line.slice(2));
  if (mediaLines.length === 0) throw new SdpError(400, 'The SDP has no m-line');
  if (mediaLines.length > MAX_MEDIA_LINES) {
    throw new SdpError(400, `The SDP has ${mediaLines.length} m-lines; at most ${MAX_MEDIA_LINES} are read`);
  }
  const session = parse(lines.join('\r\n'));
  const [sessionTransport = [], ...mediaTransport] = readTransport(allLines);
  return mediaLines.map((line, index) => {
    const media = session.media[index];
    if (media === undefined) throw new SdpError(400, `The m-line "${shorten(line)}" cannot be read`);
    const transport = [...(mediaTransport[index] ?? []), ...sessionTransport];
    return readMedia(line, media, session.connection?.ip, session.direction, transport);
  });
}

function readMedia(
  line: string,
  media: MediaDescription,
  sessionAddress: unknown,
  sessionDirection: Direction | undefined,
  transport: readonly TransportAttribute[],
): RemoteMedia {
  const [, type = '', port = '', protocol = '', formats = ''] = MEDIA_LINE.exec(line) ?? [];
  if (type === '' || Number(port) > 65_535) throw new SdpError(400, `The m-line "${shorten(line)}" cannot be read`);
  const address = String(media.connection?.ip ?? sessionAddress ?? '').replace(/\/.*$/, '');
  return {
    line,
    type: type.toLowerCase(),
    port: Number(port),
    protocol: protocol.toUpperCase(),
    formats: readFormats(formats, media),
    address: isIP(address) === 0 ? null : address,
    direction: media.direction ?? sessionDirection ?? 'sendrecv',
    ptimeMs: readMilliseconds(media.ptime),
    maxptimeMs: readMilliseconds(media.maxptime),
    rtcpMux: media.rtcpMux !== undefined,
    rtcp: readRtcp(media),
    mid: media.mid === undefined ? null : String(media.mid),
    transport,
  };
}

/** The transport's attributes of the session, then those of each m-line. */
function readTransport(lines: readonly string[]): TransportAttribute[][] {
  const sections: TransportAttribute[][] = [[]];
  for (const line of lines) {
    if (line.startsWith('m=')) sections.push([]);
    const [, name, value = ''] = TRANSPORT.exec(line) ?? [];
    if (name !== undefined) sections.at(-1)?.push({ name, value: value.trim() });
  }
  return sections;
}

function readFormats(list: string, media: MediaDescription): RemoteFormat[] {
  const formats: RemoteFormat[] = [];
  for (const word of list.split(' ')) {
    if (!/^\d{1,3}$/.test(word) || Number(word) > 127) continue;
    const payloadType = Number(word);
    if (formats.some((format) => format.payloadType === payloadType)) continue;
    const map = media.rtp.find((entry) => Number(entry.payload) === payloadType);
    const name = map === undefined ? STATIC_FORMATS[payloadType] : String(map.codec).toUpperCase();
    if (name === undefined) continue;
    const clockRateHz = Number(map?.rate ?? 8000);
    const fmtp = media.fmtp.find((entry) => Number(entry.payload) === payloadType);
    formats.push({
      payloadType,
      name,
      clockRateHz,
      channels: Number(map?.encoding ?? 1),
      fmtp: String(fmtp?.config ?? ''),
    });
  }
  return formats;
}

function readRtcp(media: MediaDescription): RemoteMedia['rtcp'] {
  const port = Number(media.rtcp?.port ?? 0);
  if (!(port >= 1 && port <= 65_535)) return null;
  const address = String(media.rtcp?.address ?? '');
  return { port, address: isIP(address) === 0 ? null : address };
}

function readMilliseconds(value: unknown): number | null {
  const milliseconds = Number(value);
  return value !== undefined && milliseconds > 0 && Number.isFinite(milliseconds) ? milliseconds : null;
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
