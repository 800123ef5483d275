import { toBytes } from './create-request.ts';
import { SipHeaders, type SipResponse } from './message.ts';
import { parseNameAddr } from './name-addr.ts';
import { reasonPhrase } from './reason-phrases.ts';

/** What may be added to a response. */
export interface ResponseOptions {
  /** The registered phrase when left out. */
  reason?: string;
  /** Put into To when the request has no tag there; required for every response but 100 (RFC 3261 §8.2.6.2). */
  toTag?: string;
  /** Further lines, in order. */
  headers?: Iterable<readonly [name: string, value: string]>;
  body?: Uint8Array | string;
}

/**
 * Builds the response to a request: Via, From, To, Call-ID and CSeq are copied (RFC 3261 §8.2.6.2), Timestamp into a
 * 100, Record-Route into responses that can make a dialog (101–299, §12.1.1). Takes also the headers that could be read
 * of a malformed request, so that a 400 can be sent.
 */
export function createResponse(
  request: { readonly headers: SipHeaders },
  status: number,
  options: ResponseOptions = {},
): SipResponse {
  const headers = new SipHeaders();
  const setsRoute = status > 100 && status < 300;
  for (const [name, value] of request.headers) {
    switch (name) {
      case 'Via':
      case 'From':
      case 'Call-ID':
      case 'CSeq':
        headers.append(name, value);
        break;
      case 'To':
        headers.append(name, options.toTag === undefined ? value : withTag(value, options.toTag));
        break;
      case 'Record-Route':
        if (setsRoute) headers.append(name, value);
        break;
      case 'Timestamp':
        if (status === 100) headers.append(name, value);
        break;
    }
  }
  for (const [name, value] of options.headers ?? []) headers.append(name, value);
  const reason = options.reason ?? reasonPhrase(status);
  return { kind: 'response', status, reason, headers, body: toBytes(options.body) };
}

function withTag(to: string, tag: string): string {
  const address = parseNameAddr(to);
  return address?.params.has('tag') === true ? to : `${to};tag=${tag}`;
}
