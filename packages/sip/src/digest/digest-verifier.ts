import { type KeyObject, timingSafeEqual } from 'node:crypto';
import type { SipHeaders } from '../message/message.ts';
import { parseSipUri, unescapeUri } from '../message/uri.ts';
import { ALGORITHMS, algorithmOf, type DigestAlgorithm, digestResponse, HEX_LENGTH } from './algorithm.ts';
import { formatDigest, parseAuthHeader } from './auth-header.ts';
import { NonceCounts } from './nonce-counts.ts';
import { NonceMint } from './nonce-mint.ts';

/** How a {@link DigestVerifier} behaves. */
export interface DigestVerifierOptions {
  /** The protection domain users see and hashes contain. */
  realm: string;
  /** Secret that signs nonces. With the same key nonces outlive a restart. */
  key: KeyObject;
  /** Which header credentials come in: `Authorization` (401) or `Proxy-Authorization` (407). Default `www`. */
  kind?: 'www' | 'proxy';
  /** How long a nonce can be used. Default 5 minutes. */
  nonceLifetimeMs?: number;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /** Algorithms to offer and accept, strongest first. Default SHA-256, then MD5. */
  algorithms?: readonly DigestAlgorithm[];
  /** Nonces with right credentials that are remembered against replay. Default 65 536. */
  maxNonces?: number;
}

/** Finds the stored HA1 of a user (see `ha1`), `undefined` when there is no such user. */
export type LookupHa1 = (
  username: string,
  realm: string,
  algorithm: DigestAlgorithm,
) => string | undefined | Promise<string | undefined>;

/**
 * What became of a request's credentials. `stale` and `no-credentials` want a challenge. The last three must look the
 * same from outside, `unknown-user` and `bad-credentials` are told apart for logs only.
 */
export type DigestVerdict =
  | { ok: true; username: string }
  | {
      ok: false;
      reason: 'no-credentials' | 'stale' | 'bad-credentials' | 'unknown-user' | 'malformed';
      username?: string;
    };

/**
 * The server side of Digest authentication in SIP (RFC 3261 §22, RFC 7616, RFC 8760), with `qop=auth`. Clients without
 * `qop` (RFC 2069) are accepted and may use a nonce once.
 */
export class DigestVerifier {
  readonly realm: string;
  readonly #mint: NonceMint;
  readonly #counts: NonceCounts;
  readonly #lifetimeMs: number;
  readonly #now: () => number;
  readonly #algorithms: readonly DigestAlgorithm[];
  readonly #credentialsHeader: string;
  /** The header a challenge goes into. */
  readonly challengeHeader: 'WWW-Authenticate' | 'Proxy-Authenticate';
  /** The status a challenge is sent with. */
  readonly challengeStatus: 401 | 407;

  constructor(options: DigestVerifierOptions) {
    const isProxy = options.kind === 'proxy';
    this.realm = options.realm;
    this.challengeHeader = isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate';
    this.challengeStatus = isProxy ? 407 : 401;
    this.#credentialsHeader = isProxy ? 'Proxy-Authorization' : 'Authorization';
    this.#mint = new NonceMint(options.key, options.realm);
    this.#counts = new NonceCounts(options.maxNonces ?? 65_536);
    this.#lifetimeMs = options.nonceLifetimeMs ?? 300_000;
    this.#now = options.now ?? Date.now;
    this.#algorithms = options.algorithms ?? ALGORITHMS;
  }

  /** Values for the challenge header, one per algorithm, strongest first. `stale` says that only the nonce was too old. */
  challenges({ stale = false }: { stale?: boolean } = {}): string[] {
    const nonce = this.#mint.make(this.#now());
    return this.#algorithms.map((algorithm) => {
      const params: [string, string][] = [
        ['realm', this.realm],
        ['nonce', nonce],
        ['algorithm', algorithm],
        ['qop', 'auth'],
      ];
      if (stale) params.push(['stale', 'true']);
      return formatDigest(params, 'challenge');
    });
  }

  /**
   * Checks the credentials of a request. The same work is done whether the user exists or not. Rejects only when
   * `lookupHa1` does.
   */
  async verify(
    request: { readonly method: string; readonly uri: string; readonly headers: SipHeaders },
    lookupHa1: LookupHa1,
  ): Promise<DigestVerdict> {
    const params = this.#credentials(request.headers);
    if (params === null) return { ok: false, reason: 'no-credentials' };
    const credentials = this.#read(params);
    if (credentials === null) return { ok: false, reason: 'malformed' };
    const { username, algorithm } = credentials;
    if (!this.#algorithms.includes(algorithm) || !isForSame(credentials.uri, request.uri)) {
      return { ok: false, reason: 'malformed', username };
    }
    const stored = await lookupHa1(username, this.realm, algorithm);
    const userHash = stored ?? ''.padEnd(HEX_LENGTH[algorithm], '0');
    const expected = digestResponse(algorithm, userHash, { ...credentials, method: request.method });
    const isRight = timingSafeEqual(Buffer.from(expected), Buffer.from(credentials.response));
    if (stored === undefined) return { ok: false, reason: 'unknown-user', username };
    if (!isRight) return { ok: false, reason: 'bad-credentials', username };
    // Only who knows the password learns that the nonce was the fault (RFC 7616 §3.3, stale).
    if (!this.#useNonce(credentials.nonce, credentials.count)) return { ok: false, reason: 'stale', username };
    return { ok: true, username };
  }

  /** The Digest credentials for our realm: a request may carry some for other realms too. */
  #credentials(headers: SipHeaders): Map<string, string> | null {
    for (const value of headers.all(this.#credentialsHeader)) {
      const header = parseAuthHeader(value);
      if (header?.scheme === 'digest' && header.params.get('realm') === this.realm) return header.params;
    }
    return null;
  }

  #read(params: Map<string, string>): Credentials | null {
    const username = params.get('username');
    const nonce = params.get('nonce');
    const uri = params.get('uri');
    const response = params.get('response')?.toLowerCase();
    const algorithm = algorithmOf(params.get('algorithm'));
    if (username === undefined || nonce === undefined || uri === undefined || response === undefined) return null;
    if (algorithm === null || !isHex(response, HEX_LENGTH[algorithm])) return null;
    const qop = params.get('qop');
    if (qop === undefined) return { username, nonce, uri, response, algorithm, qop: null, count: 1 };
    const nc = params.get('nc');
    const cnonce = params.get('cnonce');
    if (qop.toLowerCase() !== 'auth' || nc === undefined || cnonce === undefined || !isHex(nc, 8)) return null;
    const count = Number.parseInt(nc, 16);
    return { username, nonce, uri, response, algorithm, qop: { name: 'auth', nc, cnonce }, count };
  }

  #useNonce(nonce: string, count: number): boolean {
    const nowMs = this.#now();
    const madeAtMs = this.#mint.timeOf(nonce);
    this.#counts.forgetMadeBefore(nowMs - this.#lifetimeMs);
    if (madeAtMs === null || nowMs - madeAtMs >= this.#lifetimeMs) return false;
    return this.#counts.use(nonce, madeAtMs, count);
  }
}

interface Credentials {
  username: string;
  nonce: string;
  uri: string;
  response: string;
  algorithm: DigestAlgorithm;
  qop: { name: 'auth'; nc: string; cnonce: string } | null;
  count: number;
}

/**
 * Whether credentials can have been made for this Request-URI. When they name a user or number it must be the one that is
 * called; the host is not compared, since proxies rewrite it and some clients put the address they send to (RFC 3261
 * §22.4, item 5 leaves this to the server).
 */
function isForSame(digestUri: string, requestUri: string): boolean {
  if (digestUri === requestUri) return true;
  const signed = parseSipUri(digestUri);
  const asked = parseSipUri(requestUri);
  if (signed === null || asked === null) return false;
  return signed.user === undefined || unescapeUri(signed.user) === unescapeUri(asked.user ?? '');
}

function isHex(text: string, length: number): boolean {
  return text.length === length && /^[0-9a-fA-F]+$/.test(text);
}
