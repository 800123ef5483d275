import type { Peer } from '@voxology/sip';
import { addressOfUser, type Destination, hostPort } from './destination.ts';

/** One INVITE: its Request-URI, whom it is for, where it goes, and header lines of its own. */
export interface Branch {
  uri: string;
  to: string;
  peer: Peer;
  headers: [name: string, value: string][];
}

/** The INVITEs that reach a destination: one for each phone of a user, else one. */
export function branchesOf(destination: Destination, ownPeer: () => Peer): Branch[] {
  switch (destination.kind) {
    case 'phones': {
      const to = addressOfUser(destination.user);
      // The way a phone registered by, proxies included, is the way to it (RFC 3327 §5.4).
      return destination.bindings.map(({ uri, source, path }) => ({
        uri,
        to,
        peer: source as Peer,
        headers: path.map((value) => ['Route', value]),
      }));
    }
    case 'on-net': {
      const peer = ownPeer();
      const uri = `sip:${destination.number.no}@${hostPort(peer)}`;
      return [{ uri, to: uri, peer, headers: [] }];
    }
    case 'trunk':
      return [{ uri: destination.uri, to: destination.uri, peer: destination.peer, headers: [] }];
    case 'unreachable':
      return [];
  }
}
