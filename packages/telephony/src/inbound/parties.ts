import { parseNameAddr, parseSipUri, type SipHeaders, type SipRequest, unescapeUri } from '@voxology/sip';
import { readingsOf, toE164 } from '../number/e164.ts';
import type { Identity } from './identify.ts';

/** The user part of the Request-URI, or the number of a `tel:` URI, unescaped: what the caller dialled. */
export function dialledUser(request: SipRequest): string {
  return userOf(request.uri);
}

/**
 * The E.164 numbers that an INVITE may be for, the likeliest first. A trunk may write our contact into the Request-URI
 * and the number into P-Called-Party-ID (RFC 7315 §4.2) or To; everyone else dials with the Request-URI alone.
 */
export function calledNumbers(request: SipRequest, identity: Identity, defaultCountry: string): string[] {
  const { headers } = request;
  const users = [dialledUser(request)];
  if (identity.kind === 'trunk') {
    for (const name of ['P-Called-Party-ID', 'To'])
      users.push(userOf(parseNameAddr(headers.get(name) ?? '')?.uri ?? ''));
  }
  return [...new Set(users.flatMap((user) => readingsOf(user, defaultCountry)))];
}

/**
 * The caller's number. A SIP user calls with the number of its account, whatever its From says; a trunk is trusted with
 * P-Asserted-Identity (RFC 3325) before From. E.164 when it is a number, otherwise the `sip:` URI; `anonymous` when withheld.
 */
export function callerNumber(request: SipRequest, identity: Identity, defaultCountry: string): string {
  if (identity.kind === 'user') return identity.user.no;
  const { headers } = request;
  if (isWithheld(headers)) return ANONYMOUS;
  const asserted = identity.kind === 'trunk' ? headers.all('P-Asserted-Identity') : [];
  for (const header of [...asserted, headers.get('From') ?? '']) {
    const address = parseNameAddr(header);
    const uri = address === null ? null : parseSipUri(address.uri);
    if (address === null || uri === null) continue;
    const user = userOf(address.uri);
    const number = toE164(user, defaultCountry);
    if (number !== null) return number;
    if (uri.host !== '' && user !== '' && !isAnonymous(user) && uri.host !== 'anonymous.invalid') {
      return `sip:${uri.user}@${uri.host}`;
    }
  }
  return ANONYMOUS;
}

const ANONYMOUS = 'anonymous';

/** RFC 3325 §9.3: who asks for privacy of the identity is not shown to the called party. */
function isWithheld(headers: SipHeaders): boolean {
  return headers.all('Privacy').some((value) => /(?:^|[;,\s])(?:id|user|header)(?:[;,\s]|$)/i.test(value));
}

function isAnonymous(user: string): boolean {
  return user.toLowerCase() === ANONYMOUS;
}

/** The user part without its parameters (`;phone-context=` …); a local number gets the prefix its context names. */
function userOf(text: string): string {
  const uri = parseSipUri(text);
  const [user = '', ...params] = unescapeUri(uri?.user ?? '').split(';');
  const written = uri?.params.get('phone-context') ?? params.find((param) => /^phone-context=/i.test(param))?.slice(14);
  return written != null && /^\+[0-9]{1,8}$/.test(written) && !user.startsWith('+') ? `${written}${user}` : user;
}
