import { SipHeaders, type SipRequest } from '../message/message.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import { parseSipUri } from '../message/uri.ts';
import type { DialogState } from './dialog-state.ts';

/** What a request in a dialog carries besides what the dialog itself fixes. */
export interface DialogRequestOptions {
  readonly headers?: Iterable<readonly [name: string, value: string]>;
  readonly body?: Uint8Array;
  /** Whether to name our Contact: target refresh requests do. */
  readonly contact?: boolean;
}

/**
 * A request in a dialog (RFC 3261 §12.2.1.1), without Via. The CSeq is the next one, except for the ACK of a 2xx, which
 * repeats that of its INVITE (§13.2.2.4) and is given as `cseq`.
 */
export function dialogRequest(
  state: DialogState,
  method: string,
  options: DialogRequestOptions = {},
  cseq: number = state.localCseq + 1,
): { request: SipRequest; state: DialogState } {
  const headers = new SipHeaders();
  const { uri, routes } = routed(state);
  for (const route of routes) headers.append('Route', route);
  headers.append('Max-Forwards', '70');
  headers.append('From', `<${state.localUri}>;tag=${state.localTag}`);
  headers.append('To', state.remoteTag === '' ? `<${state.remoteUri}>` : `<${state.remoteUri}>;tag=${state.remoteTag}`);
  headers.append('Call-ID', state.callId);
  headers.append('CSeq', `${cseq} ${method}`);
  if (options.contact === true) headers.append('Contact', state.localContact);
  for (const [name, value] of options.headers ?? []) headers.append(name, value);
  const body = options.body ?? new Uint8Array(0);
  const next = cseq > state.localCseq ? { ...state, localCseq: cseq } : state;
  return { request: { kind: 'request', method, uri, headers, body }, state: next };
}

/** Request-URI and Route headers; a first route without `lr` is a strict router of RFC 2543 (§12.2.1.1). */
function routed(state: DialogState): { uri: string; routes: readonly string[] } {
  const [first, ...others] = state.routeSet;
  if (first === undefined) return { uri: state.remoteTarget, routes: [] };
  const strict = parseNameAddr(first)?.uri ?? '';
  const uri = parseSipUri(strict);
  if (uri === null || uri.params.has('lr')) return { uri: state.remoteTarget, routes: state.routeSet };
  return { uri: strict, routes: [...others, `<${state.remoteTarget}>`] };
}
