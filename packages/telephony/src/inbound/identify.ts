import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import {
  type DigestAlgorithm,
  DigestVerifier,
  type IncomingCall,
  type Peer,
  parseNameAddr,
  parseSipUri,
  type SipRequest,
} from '@voxology/sip';
import type { SipUserCredentials, Store } from '@voxology/store';
import type { OnNetTokens } from '../outbound/on-net.ts';
import type { Trunk, TrunkSources } from '../outbound/trunk.ts';
import type { BanList } from './ban-list.ts';
import { algorithmsFor } from './digest-algorithms.ts';

/** Who sends a request, or how to refuse it. */
export type Identity =
  | { kind: 'trunk'; trunk: Trunk }
  | { kind: 'user'; user: SipUserCredentials }
  | { kind: 'on-net' }
  | { kind: 'challenge'; challenges: string[] }
  | { kind: 'forbidden'; reason: string };

const BANNED = { kind: 'forbidden', reason: 'Too many failed attempts' } as const;

export interface IdentifyOptions {
  store: Pick<Store, 'sipUsers' | 'applications'>;
  trunks: Pick<TrunkSources, 'of'>;
  onNet: OnNetTokens;
  bans: BanList;
  nonceKey: KeyObject;
  nonceLifetimeMs: number;
  /** Algorithms to offer and accept, strongest first. */
  digestAlgorithms: readonly DigestAlgorithm[];
  nowMs(): number;
}

/**
 * Tells who sends an INVITE or a REGISTER: a trunk by its address, ourselves by a token, a SIP user by digest.
 * Everyone else gets the same challenge, whatever they ask for (design, the life of a call).
 */
export class Identifier {
  readonly #options: IdentifyOptions;
  readonly #verifiers = new Map<string, DigestVerifier>();

  constructor(options: IdentifyOptions) {
    this.#options = options;
  }

  async caller(incoming: Pick<IncomingCall, 'request' | 'source'>): Promise<Identity> {
    const { request, source } = incoming;
    if (this.#options.onNet.redeem(request)) return { kind: 'on-net' };
    // The address of a WebSocket may be that of a proxy before the server, which speaks for anybody.
    const trunk = source.protocol === 'ws' ? null : this.#options.trunks.of(source.address);
    return trunk === null ? await this.user(request, source) : { kind: 'trunk', trunk };
  }

  /** SIP users only: a trunk does not register. */
  async user(request: SipRequest, source: Peer): Promise<Identity> {
    const { bans, store, nowMs } = this.#options;
    const suspects = [sender(source)];
    const isBanned = () => suspects.some((suspect) => bans.isBanned(suspect, nowMs()));
    if (isBanned()) return BANNED;
    const domain = await this.#domainOf(request);
    const verifier = this.#verifier(domain, algorithmsFor(request, this.#options.digestAlgorithms));
    const result = await verifier.verify(request, async (username, realm, algorithm) => {
      const user = await store.sipUsers.find(username, realm);
      return algorithm === 'MD5' ? user?.ha1Md5 : user?.ha1Sha256;
    });
    if (source.protocol === 'ws' && result.username !== undefined) {
      suspects.push(account(result.username, domain, source));
      // Before a word about the credentials: else guessing would go on, over one connection after another.
      if (isBanned()) return BANNED;
    }
    if (result.ok) {
      const user = await store.sipUsers.find(result.username, domain);
      if (user !== null) {
        for (const suspect of suspects) bans.succeeded(suspect);
        return { kind: 'user', user };
      }
    } else if (result.reason === 'bad-credentials' || result.reason === 'unknown-user') {
      for (const suspect of suspects) bans.failed(suspect, nowMs());
      if (isBanned()) return BANNED;
    }
    return { kind: 'challenge', challenges: verifier.challenges({ stale: !result.ok && result.reason === 'stale' }) };
  }

  /** The realm: the SIP domain of an application when the request names one, else that of the first application. */
  async #domainOf(request: SipRequest): Promise<string> {
    const { applications } = this.#options.store;
    const from = parseNameAddr(request.headers.get('From') ?? '');
    for (const uri of [request.uri, from?.uri ?? '']) {
      const host = parseSipUri(uri)?.host ?? '';
      const application = host === '' ? null : await applications.byDomain(host);
      if (application !== null) return application.sipDomain;
    }
    return (await applications.first())?.sipDomain ?? 'voxology';
  }

  /** Each set of algorithms signs its nonces with a key of its own: a replay cannot pass as another kind of client. */
  #verifier(realm: string, algorithms: readonly DigestAlgorithm[]): DigestVerifier {
    const kind = `${realm} ${algorithms.join(' ')}`;
    let verifier = this.#verifiers.get(kind);
    if (verifier === undefined) {
      const { nonceKey, nonceLifetimeMs, nowMs } = this.#options;
      const key = createSecretKey(createHmac('sha256', nonceKey).update(kind).digest());
      verifier = new DigestVerifier({ realm, nonceLifetimeMs, now: nowMs, key, algorithms });
      this.#verifiers.set(kind, verifier);
    }
    return verifier;
  }
}

/** Whose failures are counted: an address, but of WebSockets each, since a proxy before the server gives all one address. */
function sender({ protocol, address, port, connection }: Peer): string {
  return protocol === 'ws' ? `ws ${connection ?? `${address}:${port}`}` : address;
}

/** An account as it is tried from an address, in a length that no sender can choose. */
function account(username: string, domain: string, { address }: Peer): string {
  const name = createHash('sha256').update(`${username.toLowerCase()}@${domain}`).digest('base64');
  return `ws ${address} ${name}`;
}
