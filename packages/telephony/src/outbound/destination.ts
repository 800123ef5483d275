import {
  type Binding,
  escapeUser,
  formatSipUri,
  type Peer,
  parseSipUri,
  type SipUri,
  unescapeUri,
} from '@voxology/sip';
import type { NumberRow, SipUser, Store } from '@voxology/store';
import type { Registrations } from '../inbound/registrations.ts';
import { isEmergencyNumber, toE164 } from '../number/e164.ts';
import { type Trunk, trunkAt, trunkFor } from './trunk.ts';

/** Where a number, user or URI is reached. `no` is whom it is: an E.164 number where there is one, else the URI. */
export type Destination = { no: string } & (
  | { kind: 'phones'; user: SipUser; bindings: Binding[] }
  | { kind: 'on-net'; number: NumberRow }
  | { kind: 'trunk'; trunk: Trunk; peer: Peer; uri: string }
  /** Nobody there now: the call is made and ends at once, as `status`. */
  | { kind: 'unreachable'; status: 'no-answer' | 'failed'; error: string }
);

/** A destination that may not be called at all: the request itself is wrong. */
export class DestinationRefused extends Error {
  override readonly name = 'DestinationRefused';
}

export interface DestinationOptions {
  store: Pick<Store, 'sipUsers' | 'numbers' | 'applications'>;
  registrations: Pick<Registrations, 'bindingsOf'>;
  trunks: readonly Trunk[];
  defaultCountry: string;
  /** E.164 prefixes that calls through trunks may go to. */
  allowedPrefixes: readonly string[];
}

/** Longest digits that are an extension of a PBX rather than a number whose prefix must be permitted. */
const EXTENSION_DIGITS = 6;

/** Finds the way to whom a call is made: own users and numbers on-net, the rest through trunks (design §4). */
export class Destinations {
  readonly #options: DestinationOptions;

  constructor(options: DestinationOptions) {
    this.#options = options;
  }

  /**
   * `no` is an E.164 number, the name of a SIP user of `sipDomain`, or a `sip:` or `tel:` URI. Rejects with
   * {@link DestinationRefused} when it is none of these, or not permitted.
   */
  async of(no: string, sipDomain: string): Promise<Destination> {
    const scheme = /^(sips?|tel):/i.exec(no)?.[1]?.toLowerCase();
    if (scheme === undefined) return await this.#party(no, sipDomain);
    const uri = parseSipUri(no);
    if (uri?.user === undefined) throw new DestinationRefused(`"${no}" is not a URI such as sip:alice@example.com`);
    return scheme === 'tel' ? await this.#party(unescapeUri(uri.user), sipDomain) : await this.#uri(uri, no);
  }

  async #party(no: string, sipDomain: string): Promise<Destination> {
    const { store, defaultCountry } = this.#options;
    // Users come first, so that an extension may look like a short code of some country.
    const user = no.startsWith('+') ? null : await store.sipUsers.find(no, sipDomain);
    if (user !== null) return this.#phones(user);
    this.#refuseEmergency(no);
    const e164 = toE164(no, defaultCountry);
    if (e164 !== null) return await this.#number(e164);
    throw new DestinationRefused(
      `"${no}" is neither an E.164 number (such as +14155550100), nor a SIP user of ${sipDomain}, nor a sip: URI`,
    );
  }

  async #uri(uri: SipUri, text: string): Promise<Destination> {
    const { store, trunks } = this.#options;
    const user = unescapeUri(uri.user ?? '');
    const application = await store.applications.byDomain(uri.host);
    if (application !== null) return await this.#party(user, application.sipDomain);
    const trunk = trunkAt(trunks, uri.host, uri.port);
    if (trunk?.target == null) {
      throw new DestinationRefused(
        `No trunk leads to ${uri.host}: a sip: URI must name an application's SIP domain or a trunk's target`,
      );
    }
    if (uri.scheme === 'sips') {
      throw new DestinationRefused(`"${text}" asks for TLS, which the trunk ${trunk.name} does not speak: use sip:`);
    }
    this.#refuseEmergency(user);
    const no = this.#permitted(user);
    // Nothing but user, host, port and parameters may stand in a Request-URI (RFC 3261 §19.1.5).
    const requestUri = formatSipUri({ ...uri, password: undefined, headers: new Map() });
    return { kind: 'trunk', no: no ?? requestUri, trunk, peer: trunk.target, uri: requestUri };
  }

  async #number(no: string): Promise<Destination> {
    const { store, trunks } = this.#options;
    const user = await store.sipUsers.byNumber(no);
    if (user !== null) return this.#phones(user);
    const number = await store.numbers.get(no);
    if (number?.appId != null) return { kind: 'on-net', no, number };
    const trunk = trunkFor(trunks, no);
    if (trunk?.target == null) {
      return {
        kind: 'unreachable',
        no,
        status: 'failed',
        error: `No trunk leads to ${no}: configure one under "trunks"`,
      };
    }
    this.#permitted(no);
    return { kind: 'trunk', no, trunk, peer: trunk.target, uri: `sip:${no}@${hostPort(trunk.target)};user=phone` };
  }

  #phones(user: SipUser): Destination {
    const bindings = this.#options.registrations.bindingsOf(user);
    if (bindings.length > 0) return { kind: 'phones', no: user.no, user, bindings };
    return {
      kind: 'unreachable',
      no: user.no,
      status: 'no-answer',
      error: `No phone is registered for SIP user ${user.username}`,
    };
  }

  #refuseEmergency(dialled: string): void {
    if (!isEmergencyNumber(dialled, this.#options.defaultCountry)) return;
    throw new DestinationRefused(`${dialled} is an emergency number; calls to emergency services are refused`);
  }

  /** The E.164 number of what goes to a trunk, null for a name or an extension. Throws when its prefix is not permitted. */
  #permitted(dialled: string): string | null {
    const { allowedPrefixes, defaultCountry } = this.#options;
    const digits = dialled.normalize('NFKC').split(';')[0] ?? '';
    const no = toE164(digits, defaultCountry);
    if (no === null && digits.replace(/[^0-9]/g, '').length <= EXTENSION_DIGITS) return null;
    if (no === null || !allowedPrefixes.some((prefix) => no.startsWith(prefix))) {
      throw new DestinationRefused(
        `Calls to ${no ?? dialled} are not permitted: no prefix of it is in "outbound.allowed_prefixes"`,
      );
    }
    return no;
  }
}

/** The address of record of a user, as a To says it. */
export function addressOfUser({ username, domain }: SipUser): string {
  return `sip:${escapeUser(username)}@${domain}`;
}

/** `host:port` of a URI, an IPv6 address in brackets. */
export function hostPort({ address, port }: Peer): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]:${port}` : `${address}:${port}`;
}
