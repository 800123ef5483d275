import type { SecurityMethod } from '@voxology/media';
import type { HeaderLines, OutgoingCall, Peer, SipEndpoint } from '@voxology/sip';
import { branchesOf } from './branches.ts';
import type { Destination } from './destination.ts';
import { Fork, type Outgoing } from './fork.ts';
import type { OnNetTokens } from './on-net.ts';
import { securityOf } from './security.ts';

export interface InviterOptions {
  endpoint: Pick<SipEndpoint, 'invite'>;
  /** Our own SIP address, for calls from one of our numbers to another. */
  ownPeer(): Peer;
  onNet: OnNetTokens;
}

/** What every branch of a call says. */
export interface Invitation {
  /** URI of our From: the caller id. */
  from: string;
  /** Our offer. */
  sdp: string;
  /** How the media of the offer is protected: phones that cannot take that are not rung. */
  security: SecurityMethod;
  headers?: HeaderLines;
}

/** Sends the INVITEs that reach a destination, with what each way asks for: routes, credentials, the token of our own calls. */
export class Inviter {
  readonly #options: InviterOptions;

  constructor(options: InviterOptions) {
    this.#options = options;
  }

  /** Address that the first INVITE goes to; empty when there is none. */
  addressOf(destination: Destination): string {
    return branchesOf(destination, this.#options.ownPeer, securityOf(destination))[0]?.peer.address ?? '';
  }

  /** Throws when an INVITE cannot be written, those before it are taken back, and when no phone there can take the offer. */
  invite(destination: Destination, { from, sdp, security, headers: more = [] }: Invitation): Outgoing {
    const { endpoint, ownPeer, onNet } = this.#options;
    const branches: OutgoingCall[] = [];
    try {
      for (const { uri, to, peer, headers } of branchesOf(destination, ownPeer, security)) {
        branches.push(
          endpoint.invite({
            uri,
            destination: peer,
            from: { uri: from },
            to: { uri: to },
            sdp,
            headers: [...(destination.kind === 'on-net' ? onNet.issue() : headers), ...more],
            ...(destination.kind === 'trunk' && destination.trunk.credentials !== null
              ? { credentials: destination.trunk.credentials }
              : {}),
          }),
        );
      }
    } catch (error) {
      for (const branch of branches) branch.cancel();
      throw error;
    }
    if (branches.length === 0) throw new Error('a browser takes nothing but WebRTC, which this call does not offer');
    const [only] = branches;
    return branches.length === 1 && only !== undefined ? only : new Fork(branches, { declineEndsAll: true });
  }
}
