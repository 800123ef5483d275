import type { HeaderLines, Peer, SipEndpoint } from '@voxology/sip';
import { branchesOf } from './branches.ts';
import type { Destination } from './destination.ts';
import { Fork, type OfferedCall, type Outgoing } from './fork.ts';
import type { Offers } from './offers.ts';
import type { OnNetTokens } from './on-net.ts';

export interface InviterOptions {
  endpoint: Pick<SipEndpoint, 'invite'>;
  /** Our own SIP address, for calls from one of our numbers to another. */
  ownPeer(): Peer;
  onNet: OnNetTokens;
}

/** What the branches of a call say. */
export interface Invitation {
  /** URI of our From: the caller id. */
  from: string;
  /** Each phone gets the one that it can answer. */
  offers: Offers;
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
    return branchesOf(destination, this.#options.ownPeer)[0]?.peer.address ?? '';
  }

  /** Throws when an INVITE cannot be written; those before it are taken back. */
  invite(destination: Destination, { from, offers, headers: more = [] }: Invitation): Outgoing {
    const { endpoint, ownPeer, onNet } = this.#options;
    const calls: OfferedCall[] = [];
    try {
      for (const { uri, to, peer, security, headers } of branchesOf(destination, ownPeer)) {
        const session = offers.get(security);
        if (session === undefined) throw new Error(`no media was made for a phone that takes "${security}"`);
        const call = endpoint.invite({
          uri,
          destination: peer,
          from: { uri: from },
          to: { uri: to },
          sdp: session.createOffer(),
          headers: [...(destination.kind === 'on-net' ? onNet.issue() : headers), ...more],
          ...(destination.kind === 'trunk' && destination.trunk.credentials !== null
            ? { credentials: destination.trunk.credentials }
            : {}),
        });
        calls.push({ call, session });
      }
    } catch (error) {
      for (const { call } of calls) call.cancel();
      throw error;
    }
    if (calls.length === 0) throw new Error('there is nobody to call');
    return new Fork(calls);
  }
}
