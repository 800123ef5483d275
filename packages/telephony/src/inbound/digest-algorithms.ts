import type { DigestAlgorithm, SipRequest } from '@voxology/sip';

/**
 * The algorithms a challenge may offer to the sender of a request. RFC 8760 has a client pass over what it does not
 * know; these give up instead when SHA-256 is among the challenges, so they get MD5 alone:
 * - baresip before version 2, told by its User-Agent;
 * - sipp 3, told by the form of its Call-IDs (`CALL-PID@ADDRESS`);
 * - what runs in browsers (JsSIP, SIP.js), told by WebSocket in its Via, since its User-Agent is the application's.
 */
export function algorithmsFor(request: SipRequest, offered: readonly DigestAlgorithm[]): readonly DigestAlgorithm[] {
  if (!offered.includes('SHA-256') || !offered.includes('MD5')) return offered;
  return isOldBaresip(request) || isSipp(request) || isBrowser(request) ? ['MD5'] : offered;
}

function isOldBaresip({ headers }: SipRequest): boolean {
  return /^baresip v[01]\./.test(headers.get('User-Agent') ?? '');
}

function isBrowser({ headers }: SipRequest): boolean {
  return /^SIP\/2\.0\/WSS?\s/i.test(headers.get('Via') ?? '');
}

function isSipp({ headers }: SipRequest): boolean {
  return /^\d+-\d+@/.test(headers.get('Call-ID') ?? '');
}
