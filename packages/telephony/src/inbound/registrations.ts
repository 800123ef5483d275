import type { Binding, Peer, RegisterResult, Registrar, SipRequest } from '@voxology/sip';
import { parseNameAddr, parseSipUri, unescapeUri } from '@voxology/sip';
import type { SipUser, Store } from '@voxology/store';
import type { Identifier } from './identify.ts';

export interface SipAnswer {
  status: number;
  reason?: string;
  headers?: [name: string, value: string][];
}

/** The registrar of SIP users: digest first, then RFC 3261 §10.3; bindings outlive a restart. */
export class Registrations {
  readonly #registrar: Registrar;
  readonly #identifier: Identifier;
  readonly #store: Store;
  readonly #onStoreError: (error: unknown) => void;

  constructor(registrar: Registrar, identifier: Identifier, store: Store, onStoreError: (error: unknown) => void) {
    this.#registrar = registrar;
    this.#identifier = identifier;
    this.#store = store;
    this.#onStoreError = onStoreError;
  }

  /** Takes the bindings of the last run, the expired ones left out. */
  async restore(): Promise<void> {
    for (const { aor, bindings } of await this.#store.registrations.all()) {
      this.#registrar.restore(aor, bindings as Binding[]);
    }
  }

  async register(request: SipRequest, source: Peer): Promise<SipAnswer> {
    const identity = await this.#identifier.user(request, source);
    if (identity.kind === 'forbidden') return { status: 403, reason: identity.reason };
    if (identity.kind === 'challenge') {
      return { status: 401, headers: identity.challenges.map((value) => ['WWW-Authenticate', value]) };
    }
    if (identity.kind !== 'user') throw new Error(`a REGISTER cannot come from ${identity.kind}`);
    const { user } = identity;
    const to = parseSipUri(parseNameAddr(request.headers.get('To') ?? '')?.uri ?? '');
    if (to === null || unescapeUri(to.user ?? '') !== user.username) {
      return { status: 403, reason: 'Only your own address of record' };
    }
    const result: RegisterResult = this.#registrar.register(request, addressOfRecord(user), source);
    if (result.status === 200) {
      this.#store.registrations
        .save(addressOfRecord(user), this.#registrar.lookup(addressOfRecord(user)))
        .catch(this.#onStoreError);
    }
    return result;
  }

  /** Where the phones of a user are. */
  bindingsOf(user: SipUser): Binding[] {
    return this.#registrar.lookup(addressOfRecord(user));
  }
}

function addressOfRecord({ username, domain }: SipUser): string {
  return `sip:${username}@${domain}`;
}
