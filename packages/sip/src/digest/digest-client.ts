import { newTag } from '../message/identifiers.ts';
import { ALGORITHMS, algorithmOf, type DigestAlgorithm, digestResponse, ha1 } from './algorithm.ts';
import { formatDigest, parseAuthHeader } from './auth-header.ts';

/** Who we are to the server that challenges us. */
export interface DigestCredentials {
  username: string;
  password: string;
}

interface Challenge {
  realm: string;
  nonce: string;
  opaque: string | undefined;
  algorithm: DigestAlgorithm;
  hasAlgorithm: boolean;
  hasQop: boolean;
  isStale: boolean;
}

/**
 * The client side of Digest authentication towards one server: keeps the last challenge and counts the uses of its nonce,
 * so that later requests can be authorized without being challenged first.
 */
export class DigestClient {
  readonly #credentials: DigestCredentials;
  #challenge: Challenge | null = null;
  #userHash = '';
  #count = 0;

  constructor(credentials: DigestCredentials) {
    this.#credentials = credentials;
  }

  /**
   * Takes the values of the WWW-Authenticate or Proxy-Authenticate headers of a 401 or 407 and chooses the strongest
   * (RFC 8760 §2.4). `ready`: authorize and send again. `refused`: the nonce we just used came back and is not stale, so
   * the password is wrong. `unsupported`: no challenge is one we can answer. A server may refuse with fresh nonces for
   * ever; whoever sends limits the attempts per request.
   */
  take(challengeValues: readonly string[]): 'ready' | 'refused' | 'unsupported' {
    const chosen = strongest(challengeValues);
    if (chosen === null) return 'unsupported';
    const previous = this.#challenge;
    if (previous?.nonce === chosen.nonce && this.#count > 0 && !chosen.isStale) return 'refused';
    const { username, password } = this.#credentials;
    this.#challenge = chosen;
    this.#userHash = ha1(username, chosen.realm, password, chosen.algorithm);
    this.#count = 0;
    return 'ready';
  }

  /** The value of the Authorization or Proxy-Authorization header for a request; `null` before the first challenge. */
  authorize(request: { readonly method: string; readonly uri: string }): string | null {
    const challenge = this.#challenge;
    if (challenge === null) return null;
    this.#count++;
    const nc = this.#count.toString(16).padStart(8, '0');
    const qop = challenge.hasQop ? ({ name: 'auth', nc, cnonce: newTag() } as const) : null;
    const { method, uri } = request;
    const response = digestResponse(challenge.algorithm, this.#userHash, { method, uri, nonce: challenge.nonce, qop });
    const params: [string, string][] = [
      ['username', this.#credentials.username],
      ['realm', challenge.realm],
      ['nonce', challenge.nonce],
      ['uri', uri],
      ['response', response],
    ];
    if (challenge.hasAlgorithm) params.push(['algorithm', challenge.algorithm]);
    if (challenge.opaque !== undefined) params.push(['opaque', challenge.opaque]);
    if (qop !== null) params.push(['qop', qop.name], ['nc', nc], ['cnonce', qop.cnonce]);
    return formatDigest(params, 'credentials');
  }
}

/** Answers one challenge once; `null` when none of its values can be answered. See {@link DigestClient}. */
export function authorize(
  request: { readonly method: string; readonly uri: string },
  challengeValues: readonly string[],
  credentials: DigestCredentials,
): string | null {
  const client = new DigestClient(credentials);
  return client.take(challengeValues) === 'ready' ? client.authorize(request) : null;
}

function strongest(values: readonly string[]): Challenge | null {
  const challenges = values.map(readChallenge);
  for (const algorithm of ALGORITHMS) {
    for (const challenge of challenges) if (challenge?.algorithm === algorithm) return challenge;
  }
  return null;
}

function readChallenge(value: string): Challenge | null {
  const header = parseAuthHeader(value);
  if (header?.scheme !== 'digest') return null;
  const { params } = header;
  const realm = params.get('realm');
  const nonce = params.get('nonce');
  const algorithm = algorithmOf(params.get('algorithm'));
  const qop = params.get('qop');
  const offersAuth = qop?.split(',').some((option) => option.trim().toLowerCase() === 'auth') ?? false;
  // A server that wants auth-int only cannot be answered; one without qop speaks RFC 2069.
  if (realm === undefined || nonce === undefined || algorithm === null || (qop !== undefined && !offersAuth))
    return null;
  return {
    realm,
    nonce,
    algorithm,
    opaque: params.get('opaque'),
    hasAlgorithm: params.has('algorithm'),
    hasQop: offersAuth,
    isStale: params.get('stale')?.toLowerCase() === 'true',
  };
}
