import type { SipRequest, SipResponse } from '../message/message.ts';

/** What the body of a message says about the session. */
export type SessionBody =
  /** A session description; the text of the SDP. */
  | { readonly kind: 'sdp'; readonly sdp: string }
  | { readonly kind: 'none' }
  /** A body, but none we can read: 415. */
  | { readonly kind: 'unsupported' };

const NONE: SessionBody = { kind: 'none' };
const UNSUPPORTED: SessionBody = { kind: 'unsupported' };
const MAX_PARTS = 16;

/** Finds the session description in a body, alone or as one part of a multipart body (RFC 3261 §7.4, RFC 5621). */
export function sessionBody(message: SipRequest | SipResponse): SessionBody {
  if (message.body.length === 0) return NONE;
  // RFC 3261 §20.15: a body without Content-Type is an error of the peer; the guess that it is SDP is nearly always right.
  const type = message.headers.get('Content-Type') ?? 'application/sdp';
  const encoding = message.headers.get('Content-Encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return UNSUPPORTED;
  const text = Buffer.from(message.body.buffer, message.body.byteOffset, message.body.byteLength).toString('utf8');
  if (isSdp(type)) return { kind: 'sdp', sdp: text };
  if (!mediaType(type).startsWith('multipart/')) {
    return isOptional(message.headers.get('Content-Disposition')) ? NONE : UNSUPPORTED;
  }
  const boundary = boundaryOf(type);
  const sdp = boundary === undefined ? undefined : sdpPart(text, boundary);
  return sdp === undefined ? UNSUPPORTED : { kind: 'sdp', sdp };
}

function isSdp(contentType: string): boolean {
  return mediaType(contentType) === 'application/sdp';
}

function mediaType(contentType: string): string {
  const semicolon = contentType.indexOf(';');
  return (semicolon < 0 ? contentType : contentType.slice(0, semicolon)).trim().toLowerCase();
}

/** RFC 3261 §20.11: a body marked optional may be ignored. */
function isOptional(disposition: string | undefined): boolean {
  return disposition?.toLowerCase().replaceAll(' ', '').includes('handling=optional') === true;
}

function boundaryOf(contentType: string): string | undefined {
  const at = contentType.toLowerCase().indexOf('boundary=');
  if (at < 0) return undefined;
  const rest = contentType.slice(at + 'boundary='.length);
  if (rest.startsWith('"')) {
    const end = rest.indexOf('"', 1);
    return end < 2 ? undefined : rest.slice(1, end);
  }
  const end = rest.indexOf(';');
  const boundary = (end < 0 ? rest : rest.slice(0, end)).trim();
  return boundary === '' ? undefined : boundary;
}

function sdpPart(text: string, boundary: string): string | undefined {
  const parts = `\r\n${text}`.split(`\r\n--${boundary}`, MAX_PARTS);
  for (const part of parts.slice(1)) {
    const headEnd = part.indexOf('\r\n\r\n');
    if (headEnd < 0) continue;
    const type = part
      .slice(0, headEnd)
      .split('\r\n')
      .find((line) => line.toLowerCase().startsWith('content-type:'));
    if (type === undefined || !isSdp(type.slice('content-type:'.length))) continue;
    const sdp = part.slice(headEnd + 4);
    // The line end before a boundary belongs to the boundary; every line of SDP has one.
    return sdp.endsWith('\r\n') ? sdp : `${sdp}\r\n`;
  }
  return undefined;
}
