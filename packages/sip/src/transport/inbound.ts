import type { CSeq } from '../message/cseq.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import type { Via } from '../message/via.ts';
import type { Peer, Transport } from './transport.ts';

/** A request as it came in, with the headers every layer looks at read once. */
export interface InboundRequest {
  readonly request: SipRequest;
  /** The topmost Via, `received` and `rport` filled in. */
  readonly via: Via;
  readonly cseq: CSeq;
  readonly callId: string;
  /** Empty when the peer sent none (RFC 2543). */
  readonly fromTag: string;
  /** Empty outside of a dialog. */
  readonly toTag: string;
  readonly source: Peer;
  readonly transport: Transport;
}

/** A response as it came in. */
export interface InboundResponse {
  readonly response: SipResponse;
  readonly branch: string;
  readonly cseq: CSeq;
  /** Empty when there is none. */
  readonly toTag: string;
  readonly source: Peer;
}

/** The tag of a From or To header; empty when there is none. */
export function tagOf(header: string | undefined): string {
  if (header === undefined) return '';
  return parseNameAddr(header)?.params.get('tag') ?? '';
}

/** The value of a Via parameter, or `undefined` when it is missing or empty. */
export function viaParam(via: Via, name: string): string | undefined {
  return via.params.get(name) ?? undefined;
}

/** An IPv6 address without the brackets of SIP, as sockets want it; anything else as it is. */
export function bareHost(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}

/** A host as SIP writes it: IPv6 addresses in brackets. */
export function sipHost(address: string): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
}
