import { parseNameAddr } from '../message/name-addr.ts';
import { escapeUser, parseSipUri, unescapeUri } from '../message/uri.ts';

/**
 * The address of record named by a To header or a URI in the one form used as a key (RFC 3261 §10.3, step 5): `sip:`,
 * escapes undone where they need not be, host in lower case, no port, no parameters. `null` when it is no SIP address.
 */
export function addressOfRecord(address: string): string | null {
  const uri = parseSipUri(parseNameAddr(address)?.uri ?? address);
  if (uri === null || (uri.scheme !== 'sip' && uri.scheme !== 'sips')) return null;
  const user = uri.user === undefined ? '' : `${escapeUser(unescapeUri(uri.user))}@`;
  return `sip:${user}${uri.host.toLowerCase()}`;
}
