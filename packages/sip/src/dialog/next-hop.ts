import { isIPv4 } from 'node:net';
import { parseNameAddr } from '../message/name-addr.ts';
import { parseSipUri } from '../message/uri.ts';
import { bareHost } from '../transport/inbound.ts';
import type { Peer } from '../transport/transport.ts';

const DEFAULT_PORT = 5060;

/**
 * Where a request in a dialog goes: the first of the route set, else the remote target (RFC 3261 §8.1.2), unless the
 * peer sits behind NAT, when only the address its packets come from can be reached. `hidden` says that it is known to;
 * a target with a private address that is heard from a public one is taken to be. Over WebSocket the connection is the
 * only way (RFC 7118 §5): a browser's Contact names no host that exists.
 */
export function nextHop(routeSet: readonly string[], remoteTarget: string, peer: Peer, hidden: boolean): Peer {
  if (peer.protocol === 'ws') return peer;
  const route = routeSet[0];
  const uri = parseSipUri(route === undefined ? remoteTarget : (parseNameAddr(route)?.uri ?? ''));
  if (uri === null || uri.host === '') return peer;
  const address = bareHost(uri.params.get('maddr') ?? uri.host);
  if (route === undefined && (hidden || (isPrivate(address) && !isPrivate(peer.address)))) return peer;
  const named = uri.params.get('transport')?.toLowerCase();
  const protocol = named === 'udp' || named === 'tcp' ? named : peer.protocol;
  return { protocol, address, port: uri.port ?? DEFAULT_PORT };
}

/** RFC 1918, link-local, shared (RFC 6598) and loopback IPv4 addresses. */
function isPrivate(address: string): boolean {
  if (!isIPv4(address)) return false;
  const [a = 0, b = 0] = address.split('.').map(Number);
  return (
    a === 10 ||
    a === 127 ||
    (a === 192 && b === 168) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 169 && b === 254) ||
    (a === 100 && b >= 64 && b < 128)
  );
}
