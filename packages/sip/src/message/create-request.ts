import { formatCSeq } from './cseq.ts';
import { newCallId, newTag } from './identifiers.ts';
import { SipHeaders, type SipRequest } from './message.ts';

/** What a new request needs (RFC 3261 §8.1.1). Header values are text; `from` and `to` are name-addr or addr-spec. */
export interface RequestOptions {
  method: string;
  /** Request-URI. */
  uri: string;
  /** A tag is added when it has none. */
  from: string;
  to: string;
  /** A new one when left out. */
  callId?: string;
  /** Number of the CSeq, 1 when left out. */
  cseq?: number;
  /** 70 when left out. */
  maxForwards?: number;
  /** Further lines, in order, behind the mandatory ones. The transport adds Via. */
  headers?: Iterable<readonly [name: string, value: string]>;
  body?: Uint8Array | string;
}

/** Builds a request without Via; whoever sends it prepends one with a new branch. */
export function createRequest(options: RequestOptions): SipRequest {
  const headers = new SipHeaders();
  headers.append('Max-Forwards', String(options.maxForwards ?? 70));
  headers.append('From', hasTag(options.from) ? options.from : `${bracket(options.from)};tag=${newTag()}`);
  headers.append('To', options.to);
  headers.append('Call-ID', options.callId ?? newCallId());
  headers.append('CSeq', formatCSeq({ number: options.cseq ?? 1, method: options.method }));
  for (const [name, value] of options.headers ?? []) headers.append(name, value);
  return { kind: 'request', method: options.method, uri: options.uri, headers, body: toBytes(options.body) };
}

/** A body given as text is sent as UTF-8. */
export function toBytes(body: Uint8Array | string | undefined): Uint8Array {
  if (body === undefined) return new Uint8Array(0);
  return typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
}

function hasTag(address: string): boolean {
  return address
    .slice(address.lastIndexOf('>') + 1)
    .toLowerCase()
    .includes(';tag=');
}

/** Without brackets `;tag` would be read as a parameter of the URI by careless peers. */
function bracket(address: string): string {
  return address.includes('>') || address.includes(';') ? address : `<${address}>`;
}
