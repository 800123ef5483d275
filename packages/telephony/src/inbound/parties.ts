import { parseNameAddr, parseSipUri, type SipRequest, unescapeUri } from '@voxology/sip';
import { toE164 } from '../number/e164.ts';
import type { Identity } from './identify.ts';

/** The user part of the Request-URI, or the number of a `tel:` URI, unescaped: what the caller dialled. */
export function dialledUser(request: SipRequest): string {
  return unescapeUri(parseSipUri(request.uri)?.user ?? '');
}

/**
 * The caller's number. A SIP user calls with the number of its account, whatever its From says; a trunk is trusted with
 * P-Asserted-Identity (RFC 3325) before From. E.164 when it is a number, otherwise the `sip:` URI; `anonymous` when withheld.
 */
export function callerNumber(request: SipRequest, identity: Identity, defaultCountry: string): string {
  if (identity.kind === 'user') return identity.user.no;
  const { headers } = request;
  for (const header of [...headers.all('P-Asserted-Identity'), headers.get('From') ?? '']) {
    const address = parseNameAddr(header);
    const uri = address === null ? null : parseSipUri(address.uri);
    if (address === null || uri === null) continue;
    const number = toE164(unescapeUri(uri.user ?? ''), defaultCountry);
    if (number !== null) return number;
    if (uri.user !== undefined && uri.user !== '' && uri.host !== 'anonymous.invalid')
      return `sip:${uri.user}@${uri.host}`;
  }
  return 'anonymous';
}
