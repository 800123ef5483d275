import type { SipHeaders } from './headers.ts';

/** Why a message was refused. */
export type ParseErrorCode =
  /** Nothing but line ends, or nothing at all. */
  | 'empty'
  /** Over one of the limits. */
  | 'too-large'
  | 'too-many-headers'
  | 'line-too-long'
  /** No empty line behind the headers. */
  | 'no-end-of-headers'
  /** A carriage return that does not belong to a line end. */
  | 'bad-line-end'
  /** The first line is neither a request line nor a status line. */
  | 'bad-start-line'
  | 'bad-version'
  | 'bad-status'
  | 'bad-request-uri'
  /** A line without a name and a colon. */
  | 'bad-header-line'
  | 'missing-header'
  /** A header that may stand once stands several times. */
  | 'duplicate-header'
  /** A header we cannot do without is malformed. */
  | 'bad-header'
  | 'bad-content-length'
  /** Content-Length promises more than there is. */
  | 'incomplete-body'
  /** The method in CSeq is not the one in the request line. */
  | 'cseq-mismatch';

export interface ParseError {
  code: ParseErrorCode;
  /** What was wrong and where, in words. */
  message: string;
  /** The header in question, in its usual spelling. */
  header?: string;
  /** The status a server answers with; absent for responses and for what cannot be answered. */
  status?: number;
}

/** What could be read of a refused message; enough to answer it when Via, From, To, Call-ID and CSeq are there. */
export interface PartialMessage {
  kind: 'request' | 'response';
  /** Of a request, as far as it could be read; empty for a response. */
  method: string;
  headers: SipHeaders;
}
