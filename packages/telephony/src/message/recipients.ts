import { type Binding, parseSipUri, unescapeUri } from '@voxology/sip';
import type { SipUser, Store } from '@voxology/store';
import type { Registrations } from '../inbound/registrations.ts';
import { isEmergencyNumber, toE164 } from '../number/e164.ts';
import { MessageNotSent } from './message-provider.ts';

/** A SIP user of ours, with the phones that are registered now. */
export interface UserRecipient {
  kind: 'user';
  user: SipUser;
  bindings: readonly Binding[];
}

/** An E.164 number in the world. */
export interface NumberRecipient {
  kind: 'number';
  no: string;
}

/** A number of ours that has a call flow. */
export interface OwnNumberRecipient {
  kind: 'own-number';
  no: string;
}

export type Recipient = UserRecipient | NumberRecipient | OwnNumberRecipient;

export interface RecipientsOptions {
  store: Pick<Store, 'sipUsers' | 'applications' | 'numbers'>;
  registrations: Pick<Registrations, 'bindingsOf'>;
  defaultCountry: string;
  /** E.164 prefixes that messages may go to, as calls may. */
  allowedPrefixes: readonly string[];
}

/** Finds whom a message is for. */
export class Recipients {
  readonly #options: RecipientsOptions;

  constructor(options: RecipientsOptions) {
    this.#options = options;
  }

  /**
   * `no` is an E.164 number, the name or number of a SIP user, or the `sip:` URI of one. Rejects with
   * {@link MessageNotSent} (`recipient`) when it is none of these, or not permitted.
   */
  async of(no: string, sipDomain: string): Promise<Recipient> {
    if (!/^sips?:/i.test(no)) return await this.#party(no, sipDomain);
    const uri = parseSipUri(no);
    const application = uri === null ? null : await this.#options.store.applications.byDomain(uri.host);
    if (uri?.user === undefined || application === null) {
      throw new MessageNotSent('recipient', `"${no}" is no SIP user of this server`);
    }
    return await this.#party(unescapeUri(uri.user), application.sipDomain);
  }

  async #party(no: string, sipDomain: string): Promise<Recipient> {
    const { store, registrations, defaultCountry, allowedPrefixes } = this.#options;
    const e164 = toE164(no, defaultCountry);
    const user =
      (no.startsWith('+') ? null : await store.sipUsers.find(no, sipDomain)) ??
      (e164 === null ? null : await store.sipUsers.byNumber(e164));
    if (user !== null) return { kind: 'user', user, bindings: registrations.bindingsOf(user) };
    if (e164 === null || isEmergencyNumber(no, defaultCountry)) {
      throw new MessageNotSent(
        'recipient',
        `"${no}" is neither an E.164 number (such as +14155550100) nor a SIP user of ${sipDomain}`,
      );
    }
    const number = await store.numbers.get(e164);
    if (number?.appId != null && number.inboundApi === 'CallFlows') return { kind: 'own-number', no: e164 };
    if (!allowedPrefixes.some((prefix) => e164.startsWith(prefix))) {
      throw new MessageNotSent(
        'recipient',
        `Messages to ${e164} are not permitted: no prefix of it is in "outbound.allowed_prefixes"`,
      );
    }
    return { kind: 'number', no: e164 };
  }
}
