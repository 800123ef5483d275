import { Negotiation, type NegotiationOptions } from '../sdp/negotiation.ts';
import { SRTP_SUITE_NAMES } from '../srtp/suite.ts';

const SECURITY: NegotiationOptions['security'] = {
  suites: SRTP_SUITE_NAMES,
  offers: 'none',
  fingerprint: () => ({ hash: 'sha-256', value: 'AB:CD' }),
};

/** Our side, on 192.0.2.9. */
export function negotiation(options: Partial<NegotiationOptions> = {}): Negotiation {
  const codecs = ['PCMU', 'PCMA'] as const;
  return new Negotiation({
    sessionId: '42',
    security: SECURITY,
    address: '192.0.2.9',
    port: 5000,
    family: 4,
    codecs,
    ...options,
  });
}

/** A description of the far side, on 192.0.2.1, with these media lines. */
export function body(...media: string[]): string {
  return ['v=0', 'o=- 7 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...media, ''].join('\r\n');
}

/** Digits as events. */
export const EVENTS = ['a=rtpmap:101 telephone-event/8000', 'a=fmtp:101 0-15'];
/** An ordinary phone's offer. */
export const PHONE = body('m=audio 4000 RTP/AVP 9 8 0 101', 'a=rtpmap:9 G722/8000', ...EVENTS, 'a=ptime:20');
