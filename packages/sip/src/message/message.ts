import type { SipHeaders } from './headers.ts';

export { SipHeaders } from './headers.ts';

/** A SIP request (RFC 3261 §7.1). `uri` is the Request-URI as text, see `parseSipUri`. Methods are case-sensitive. */
export interface SipRequest {
  readonly kind: 'request';
  method: string;
  uri: string;
  headers: SipHeaders;
  body: Uint8Array;
}

/** A SIP response (RFC 3261 §7.2). `status` is 100–699, `reason` the text behind it, possibly empty. */
export interface SipResponse {
  readonly kind: 'response';
  status: number;
  reason: string;
  headers: SipHeaders;
  body: Uint8Array;
}

export type SipMessage = SipRequest | SipResponse;
