import { EgressError, type EgressErrorCode } from './egress-error.ts';
import type { Target } from './target.ts';

const CODES: Readonly<Record<string, EgressErrorCode>> = {
  ECONNREFUSED: 'connect-refused',
  ENOTFOUND: 'dns-failed',
  EAI_AGAIN: 'dns-failed',
  EAI_FAIL: 'dns-failed',
  EAI_NODATA: 'dns-failed',
  ETIMEDOUT: 'connect-timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  ECONNRESET: 'connection-lost',
  EPIPE: 'connection-lost',
  UND_ERR_SOCKET: 'connection-lost',
  UND_ERR_INVALID_ARG: 'invalid-request',
  UND_ERR_NOT_SUPPORTED: 'invalid-request',
  UND_ERR_HEADERS_OVERFLOW: 'bad-response',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'connection-lost',
  UND_ERR_CLOSED: 'closed',
  UND_ERR_DESTROYED: 'closed',
  EPROTO: 'tls',
};

const TLS_CODE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;

const ADVICE: Readonly<Partial<Record<EgressErrorCode, string>>> = {
  'dns-failed': 'the host name was not found; check its spelling',
  'connect-refused': 'nothing listens on that port; start the server or correct the URL',
  'connect-timeout': 'no connection in time; check the address and the firewall',
  'connect-failed': 'the address cannot be reached',
  tls: 'the encrypted connection failed; check the certificate, or whether the port speaks https',
  'connection-lost': 'the connection broke before the answer was complete',
  'bad-response': 'the answer is not valid HTTP',
  'invalid-request': 'the request cannot be sent',
  closed: 'the client is closed',
};

/** What a failure of undici, the socket or the resolver means. */
export function failureOf(error: unknown, target: Target): EgressError {
  if (error instanceof EgressError) return error;
  const cause = error instanceof AggregateError ? (error.errors[0] ?? error) : error;
  const { code: reported = '', name, message = String(cause) } = cause as NodeJS.ErrnoException;
  // The parser's errors do not always have a code.
  const code = name === 'HTTPParserError' ? 'bad-response' : codeOf(reported);
  return new EgressError(code, `${target.origin}: ${ADVICE[code]} (${message})`);
}

function codeOf(reported: string): EgressErrorCode {
  const known = Object.hasOwn(CODES, reported) ? CODES[reported] : undefined;
  if (known !== undefined) return known;
  return TLS_CODE.test(reported) ? 'tls' : 'connect-failed';
}
