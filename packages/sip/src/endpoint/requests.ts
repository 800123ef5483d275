import type { SipRequest } from '../message/message.ts';
import type { Peer } from '../transport/transport.ts';
import type { HeaderLines } from './core.ts';

/** Answers a request outside of a dialog; the first final status counts, later ones do nothing. */
export type Respond = (
  status: number,
  options?: { readonly reason?: string; readonly headers?: HeaderLines; readonly body?: Uint8Array | string },
) => void;

/** Takes the requests of one method outside of any dialog. It may answer later. */
export type RequestHandler = (request: SipRequest, source: Peer, respond: Respond) => unknown;
