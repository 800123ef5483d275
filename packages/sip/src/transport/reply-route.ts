import type { Via } from '../message/via.ts';
import { bareHost, viaParam } from './inbound.ts';
import type { Peer, Transport } from './transport.ts';

const DEFAULT_PORT = 5060;

/**
 * Fills `received` and `rport` into the topmost Via of a request (RFC 3261 §18.2.1, RFC 3581 §4). Returns whether
 * anything changed, so that the header is written again only when it must.
 */
export function markReceived(via: Via, source: Peer): boolean {
  const asksForPort = via.params.get('rport') === null;
  if (asksForPort) via.params.set('rport', String(source.port));
  const differs = bareHost(via.host) !== source.address;
  // A received that a client wrote itself must never steer our response.
  if (asksForPort || differs || via.params.has('received')) {
    via.params.set('received', source.address);
    return true;
  }
  return false;
}

/**
 * Sends a response where its request's Via says (RFC 3261 §18.2.2, RFC 3581 §4): over the connection the request came
 * on while it lives, otherwise to the address the request came from and the port of sent-by (UDP: of `rport`).
 */
export function reply(
  bytes: Uint8Array,
  via: Via,
  source: Peer,
  transport: Transport,
  failed?: (error: Error) => void,
): void {
  if (transport.reliable && transport.reaches(source.address, source.port, source.connection)) {
    transport.send(bytes, source.address, source.port, failed, source.connection);
    return;
  }
  const address = viaParam(via, 'received') ?? bareHost(via.host);
  const rport = transport.reliable ? undefined : viaParam(via, 'rport');
  const port = rport === undefined ? (via.port ?? DEFAULT_PORT) : Number(rport);
  transport.send(bytes, address, port, failed, source.connection);
}
