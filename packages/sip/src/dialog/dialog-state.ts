import type { SipRequest, SipResponse } from '../message/message.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import type { InboundRequest } from '../transport/inbound.ts';
import type { Peer } from '../transport/transport.ts';
import { nextHop } from './next-hop.ts';

/**
 * A dialog as a JSON value (RFC 3261 §12): all that is needed to send requests in it, also by another process after
 * this one died. Nothing in it changes; every change makes a new value.
 */
export interface DialogState {
  readonly callId: string;
  readonly localTag: string;
  /** Empty for peers that send none (RFC 2543). */
  readonly remoteTag: string;
  readonly localUri: string;
  readonly remoteUri: string;
  /** The Contact of the peer: the Request-URI of what we send. */
  readonly remoteTarget: string;
  /** Route values in the order we write them. */
  readonly routeSet: readonly string[];
  /** Our Contact in this dialog, with its angle brackets. */
  readonly localContact: string;
  /** Number of our last request. */
  readonly localCseq: number;
  /** Number of the peer's last request; `null` before the first. */
  readonly remoteCseq: number | null;
  readonly secure: boolean;
  /** Where our requests go. */
  readonly destination: Peer;
  /** Where the peer's last message came from; its connection is used while it lives. */
  readonly peer: Peer;
}

/** What identifies a dialog at this end. */
export function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId}|${localTag}|${remoteTag}`;
}

/** The dialog a request makes at its receiver (RFC 3261 §12.1.1), once a response with `localTag` is sent. */
export function dialogOfRequest(inbound: InboundRequest, localTag: string, localContact: string): DialogState {
  const { request, source, cseq } = inbound;
  const routeSet = request.headers.all('Record-Route');
  const remoteUri = uriOf(request.headers.get('From'));
  const remoteTarget = contactOf(request) ?? remoteUri;
  return {
    callId: inbound.callId,
    localTag,
    remoteTag: inbound.fromTag,
    localUri: uriOf(request.headers.get('To')),
    remoteUri,
    remoteTarget,
    routeSet,
    localContact,
    localCseq: 0,
    remoteCseq: cseq.number,
    secure: request.uri.startsWith('sips:') && (source.protocol as string) === 'tls',
    destination: nextHop(routeSet, remoteTarget, source, hidesBehind(inbound)),
    peer: source,
  };
}

/**
 * The dialog a response makes at the sender of the request (RFC 3261 §12.1.2). `sentTo` is where the request went;
 * `source` where the response came from.
 */
export function dialogOfResponse(
  request: SipRequest,
  response: SipResponse,
  tags: { readonly local: string; readonly remote: string },
  localContact: string,
  sentTo: Peer,
  source: Peer,
): DialogState {
  const { headers } = request;
  const routeSet = response.headers.all('Record-Route').reverse();
  const remoteTarget = contactOf(response) ?? request.uri;
  return {
    callId: headers.get('Call-ID') ?? '',
    localTag: tags.local,
    remoteTag: tags.remote,
    localUri: uriOf(headers.get('From')),
    remoteUri: uriOf(headers.get('To')),
    remoteTarget,
    routeSet,
    localContact,
    localCseq: Number.parseInt(headers.get('CSeq') ?? '1', 10),
    remoteCseq: null,
    secure: request.uri.startsWith('sips:'),
    destination: nextHop(routeSet, remoteTarget, sentTo, sameHost(request.uri, remoteTarget)),
    peer: { ...source, protocol: sentTo.protocol },
  };
}

/** The dialog with the remote target of a target refresh (re-INVITE, UPDATE and their 2xx; RFC 3261 §12.2). */
export function refreshTarget(state: DialogState, message: SipRequest | SipResponse, source: Peer): DialogState {
  const remoteTarget = contactOf(message);
  if (remoteTarget === undefined || remoteTarget === state.remoteTarget) return overSocket(state, source);
  // A peer that was reached at its source although its Contact said otherwise is still behind the same NAT.
  const hidden = sameHost(state.remoteTarget, remoteTarget) && !names(state.destination, state.remoteTarget);
  const hop = nextHop(state.routeSet, remoteTarget, hidden ? state.destination : source, hidden);
  return { ...state, remoteTarget, destination: hop };
}

/** A browser that has connected anew is heard by its new WebSocket, and reached by no other. */
function overSocket(state: DialogState, source: Peer): DialogState {
  const isNew = source.protocol === 'ws' && source.connection !== state.peer.connection;
  return isNew ? { ...state, destination: source, peer: source } : state;
}

/** Checks and takes the CSeq of the peer's next request; `null` when it is out of order (RFC 3261 §12.2.2). */
export function takeRemoteCseq(state: DialogState, number: number): DialogState | null {
  if (state.remoteCseq !== null && number <= state.remoteCseq) return null;
  return { ...state, remoteCseq: number };
}

/** The address in a From, To or Contact; empty when it cannot be read. */
export function uriOf(header: string | undefined): string {
  return header === undefined ? '' : (parseNameAddr(header)?.uri ?? '');
}

/** The URI of the first Contact; `undefined` when there is none that can be read. */
export function contactOf(message: SipRequest | SipResponse): string | undefined {
  const uri = uriOf(message.headers.get('Contact'));
  return uri === '' ? undefined : uri;
}

/** Whether the client wrote another address than its packets come from: it is behind NAT. */
function hidesBehind(inbound: InboundRequest): boolean {
  const { via, source } = inbound;
  return via.host !== source.address && via.host !== `[${source.address}]`;
}

function sameHost(a: string, b: string): boolean {
  return hostPortOf(a) === hostPortOf(b);
}

function names(peer: Peer, uri: string): boolean {
  return hostPortOf(uri).startsWith(peer.address);
}

function hostPortOf(uri: string): string {
  const start = uri.indexOf('@') < 0 ? uri.indexOf(':') + 1 : uri.indexOf('@') + 1;
  const end = uri.indexOf(';', start);
  return uri.slice(start, end < 0 ? uri.length : end).toLowerCase();
}
