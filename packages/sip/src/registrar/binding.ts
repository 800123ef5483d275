/** Where a REGISTER came from, as the transport saw it. */
export interface RegistrationSource {
  /** `udp`, `tcp`, `tls`, `ws`, `wss` … */
  protocol: string;
  address: string;
  port: number;
  /** Of a WebSocket: which one. */
  connection?: string;
}

/** One contact of an address of record. A JSON value. */
export interface Binding {
  aor: string;
  /** Contact URI as registered: the Request-URI of requests to this contact. */
  uri: string;
  /** Its header parameters besides `expires`, as text (`;q=0.5;+sip.instance="…"`). */
  params: string;
  /** Where the REGISTER came from: behind a NAT the only address that reaches the contact. */
  source: RegistrationSource;
  /** Milliseconds since 1970. */
  expiresAtMs: number;
  registeredAtMs: number;
  /** Preference 0–1, 1 when none was given. */
  q: number;
  callId: string;
  cseq: number;
  /** Path header values, topmost first, to become the Route of requests to this contact (RFC 3327). */
  path: string[];
  userAgent: string;
}
