import type { SecurityMethod } from '@voxology/media';
import type { Peer } from '@voxology/sip';
import { addressOfUser, type Destination, hostPort } from './destination.ts';
import { securityOfBinding } from './security.ts';

/** One INVITE: its Request-URI, whom it is for, where it goes, what it offers, and header lines of its own. */
export interface Branch {
  uri: string;
  to: string;
  peer: Peer;
  /** How the media of its offer is protected. */
  security: SecurityMethod;
  headers: [name: string, value: string][];
}

/** The INVITEs that reach a destination: one for each phone of a user, else one. */
export function branchesOf(destination: Destination, ownPeer: () => Peer): Branch[] {
  switch (destination.kind) {
    case 'phones': {
      const to = addressOfUser(destination.user);
      // The way a phone registered by, proxies included, is the way to it (RFC 3327 §5.4).
      return destination.bindings.map((binding) => ({
        uri: binding.uri,
        to,
        peer: binding.source as Peer,
        security: securityOfBinding(binding),
        headers: binding.path.map((value) => ['Route', value]),
      }));
    }
    case 'on-net': {
      const peer = ownPeer();
      const uri = `sip:${destination.number.no}@${hostPort(peer)}`;
      return [{ uri, to: uri, peer, security: 'none', headers: [] }];
    }
    case 'trunk': {
      const { uri, peer, trunk } = destination;
      return [{ uri, to: uri, peer, security: trunk.srtp, headers: [] }];
    }
    case 'unreachable':
      return [];
  }
}
