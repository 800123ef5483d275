import { type Binding, type Peer, parseSipUri, unescapeUri } from '@voxology/sip';
import type { NumberRow, SipUser, Store } from '@voxology/store';
import type { Registrations } from '../inbound/registrations.ts';
import { isEmergencyNumber, toE164 } from '../number/e164.ts';
import { type Trunk, trunkFor } from './trunk.ts';

/** Where a number, user or URI is reached. */
export type Destination =
  | { kind: 'phones'; user: SipUser; bindings: Binding[] }
  | { kind: 'on-net'; number: NumberRow }
  | { kind: 'trunk'; trunk: Trunk; peer: Peer; uri: string }
  /** Nobody there now: the call is made and ends at once, as `status`. */
  | { kind: 'unreachable'; status: 'no-answer' | 'failed'; error: string };

/** A destination that may not be called at all: the request itself is wrong. */
export class DestinationRefused extends Error {
  override readonly name = 'DestinationRefused';
}

export interface DestinationOptions {
  store: Store;
  registrations: Registrations;
  trunks: readonly Trunk[];
  defaultCountry: string;
  /** E.164 prefixes that calls through trunks may go to. */
  allowedPrefixes: readonly string[];
}

/** Finds the way to whom a call is made: own users and numbers on-net, the rest through trunks (design §4). */
export class Destinations {
  readonly #options: DestinationOptions;

  constructor(options: DestinationOptions) {
    this.#options = options;
  }

  /**
   * `no` is an E.164 number, the name of a SIP user of `sipDomain`, or a `sip:` URI. Rejects with
   * {@link DestinationRefused} when it is none of these, or not permitted.
   */
  async of(no: string, sipDomain: string): Promise<Destination> {
    const { store, defaultCountry } = this.#options;
    if (no.startsWith('sip:') || no.startsWith('sips:')) return await this.#uri(no);
    if (isEmergencyNumber(no)) {
      throw new DestinationRefused(`${no} is an emergency number; calls to emergency services are refused`);
    }
    const e164 = toE164(no, defaultCountry);
    if (e164 !== null) return await this.#number(e164);
    const user = await store.sipUsers.find(no, sipDomain);
    if (user !== null) return this.#phones(user);
    throw new DestinationRefused(
      `"${no}" is neither an E.164 number (such as +14155550100), nor a SIP user of ${sipDomain}, nor a sip: URI`,
    );
  }

  async #uri(text: string): Promise<Destination> {
    const { store, trunks } = this.#options;
    const uri = parseSipUri(text);
    if (uri === null || uri.user === undefined)
      throw new DestinationRefused(`"${text}" is not a SIP URI such as sip:alice@example.com`);
    const application = await store.applications.byDomain(uri.host);
    if (application !== null) return await this.of(unescapeUri(uri.user), application.sipDomain);
    const trunk = trunks.find(({ target }) => target?.address === uri.host);
    if (trunk?.target == null) {
      throw new DestinationRefused(
        `No trunk leads to ${uri.host}: a sip: URI must name an application's SIP domain or a trunk's target`,
      );
    }
    return { kind: 'trunk', trunk, peer: trunk.target, uri: text };
  }

  async #number(no: string): Promise<Destination> {
    const { store, trunks, allowedPrefixes } = this.#options;
    const user = await store.sipUsers.byNumber(no);
    if (user !== null) return this.#phones(user);
    const number = await store.numbers.get(no);
    if (number?.appId != null) return { kind: 'on-net', number };
    const trunk = trunkFor(trunks, no);
    if (trunk?.target == null) {
      return { kind: 'unreachable', status: 'failed', error: `No trunk leads to ${no}: configure one under "trunks"` };
    }
    if (!allowedPrefixes.some((prefix) => no.startsWith(prefix))) {
      throw new DestinationRefused(
        `Calls to ${no} are not permitted: no prefix of it is in "outbound.allowed_prefixes"`,
      );
    }
    const { address, port } = trunk.target;
    return { kind: 'trunk', trunk, peer: trunk.target, uri: `sip:${no}@${address}:${port};user=phone` };
  }

  #phones(user: SipUser): Destination {
    const bindings = this.#options.registrations.bindingsOf(user);
    if (bindings.length > 0) return { kind: 'phones', user, bindings };
    return { kind: 'unreachable', status: 'no-answer', error: `No phone is registered for SIP user ${user.username}` };
  }
}
