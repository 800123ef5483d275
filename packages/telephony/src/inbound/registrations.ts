import {
  type Binding,
  type DialogState,
  type Peer,
  parseNameAddr,
  parseSipUri,
  Registrar,
  type RegistrarOptions,
  type SipRequest,
  unescapeUri,
} from '@voxology/sip';
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
  readonly #identifier: Pick<Identifier, 'user'>;
  readonly #store: Pick<Store, 'registrations'>;

  constructor(
    options: Omit<RegistrarOptions, 'onChange'>,
    identifier: Pick<Identifier, 'user'>,
    store: Pick<Store, 'registrations'>,
    onStoreError: (error: unknown) => void,
  ) {
    this.#registrar = new Registrar({
      ...options,
      onChange: (aor, bindings) => void store.registrations.save(aor, bindings).catch(onStoreError),
    });
    this.#identifier = identifier;
    this.#store = store;
  }

  /** Takes the bindings of the last run, the expired ones left out. */
  async restore(): Promise<void> {
    const stored = await this.#store.registrations.all();
    this.#registrar.restore(stored.flatMap(({ bindings }) => bindings as Binding[]));
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
    return this.#registrar.register(request, addressOfRecord(user), source);
  }

  /** The way to the remote party of a dialog, if that is a registered phone; undefined: it is none. */
  flowOf({ remoteUri, remoteTarget }: Pick<DialogState, 'remoteUri' | 'remoteTarget'>): Peer | undefined {
    const uri = parseSipUri(remoteUri);
    if (uri === null) return undefined;
    const user = { username: unescapeUri(uri.user ?? ''), domain: uri.host };
    return (this.#registrar.sourceOf(addressOfRecord(user), remoteTarget) as Peer | null) ?? undefined;
  }

  /** Where the phones of a user are. */
  bindingsOf(user: SipUser): Binding[] {
    return this.#registrar.lookup(addressOfRecord(user));
  }
}

/** The key of a user's bindings. */
function addressOfRecord({ username, domain }: Pick<SipUser, 'username' | 'domain'>): string {
  return `sip:${username}@${domain}`;
}
