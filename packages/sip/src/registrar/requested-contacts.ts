import { parseDigits } from '../message/digits.ts';
import type { SipHeaders } from '../message/message.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import { formatParams } from '../message/params.ts';
import { parseSipUri, type SipUri } from '../message/uri.ts';

/** One contact that a REGISTER wants bound (`expiresSec` above 0) or unbound (0). */
export interface RequestedContact {
  text: string;
  uri: SipUri;
  params: string;
  q: number;
  expiresSec: number;
}

/** What a REGISTER asks for: a list of contacts (empty: tell me the bindings), all of them removed, or nonsense. */
export type RequestedContacts =
  | { kind: 'contacts'; contacts: RequestedContact[] }
  | { kind: 'remove-all' }
  | { kind: 'malformed'; message: string };

/**
 * Reads the Contact and Expires headers of a REGISTER (RFC 3261 §10.3, steps 6 and 7). A malformed expiry counts as the
 * default, as the RFC asks.
 */
export function readRequestedContacts(headers: SipHeaders, defaultExpiresSec: number): RequestedContacts {
  const values = headers.all('Contact');
  const expires = headers.get('Expires');
  if (values.includes('*')) {
    if (values.length === 1 && expires !== undefined && parseDigits(expires) === 0) return { kind: 'remove-all' };
    return { kind: 'malformed', message: 'Contact * stands alone and with Expires: 0 only' };
  }
  const contacts: RequestedContact[] = [];
  for (const value of values) {
    const address = parseNameAddr(value);
    const uri = address === null ? null : parseSipUri(address.uri);
    if (address === null || uri === null) return { kind: 'malformed', message: 'a Contact is malformed' };
    if (uri.scheme !== 'sip' && uri.scheme !== 'sips') {
      return { kind: 'malformed', message: `a Contact of scheme ${uri.scheme} cannot be reached` };
    }
    const expiresText = address.params.get('expires') ?? expires;
    const expiresSec = expiresText === undefined ? Number.NaN : parseDigits(expiresText);
    address.params.delete('expires');
    contacts.push({
      text: address.uri,
      uri,
      params: formatParams(address.params),
      q: readPreference(address.params.get('q') ?? ''),
      expiresSec: Number.isNaN(expiresSec) ? defaultExpiresSec : expiresSec,
    });
  }
  return { kind: 'contacts', contacts };
}

function readPreference(text: string): number {
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : 1;
}
