import type { SecurityMethod } from '@voxology/media';
import type { Binding, Peer } from '@voxology/sip';
import { addressOfUser, type Destination, hostPort } from './destination.ts';
import { securityOfBinding } from './security.ts';

/** One INVITE: its Request-URI, whom it is for, where it goes, and header lines of its own. */
export interface Branch {
  uri: string;
  to: string;
  peer: Peer;
  headers: [name: string, value: string][];
}

/** The INVITEs that reach a destination: one for each phone of a user that can take the offer, else one. */
export function branchesOf(destination: Destination, ownPeer: () => Peer, security: SecurityMethod): Branch[] {
  switch (destination.kind) {
    case 'phones': {
      const to = addressOfUser(destination.user);
      // The way a phone registered by, proxies included, is the way to it (RFC 3327 §5.4).
      return answerable(destination.bindings, security).map(({ uri, source, path }) => ({
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

/** A browser offered plain RTP would ring, and could not be answered. */
function answerable(bindings: readonly Binding[], security: SecurityMethod): readonly Binding[] {
  return bindings.filter((binding) => security === 'dtls' || securityOfBinding(binding) !== 'dtls');
}
