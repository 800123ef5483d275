import { parseCSeq } from '../message/cseq.ts';
import type { SipHeaders } from '../message/message.ts';
import { sameUri } from '../message/same-uri.ts';
import { parseSipUri, type SipUri } from '../message/uri.ts';
import type { Binding, RegistrationSource } from './binding.ts';
import { type RequestedContact, readRequestedContacts } from './requested-contacts.ts';

/** How a {@link Registrar} behaves. Every field has a default. */
export interface RegistrarOptions {
  /** Shorter registrations are refused with 423. Default 60. */
  minExpiresSec?: number;
  /** Longer registrations are cut. Default 3600. */
  maxExpiresSec?: number;
  /** For registrations that name no expiry. Default 3600. */
  defaultExpiresSec?: number;
  /** Contacts of one address; a further one drops the one refreshed longest ago. Default 10. */
  maxBindingsPerAor?: number;
  /**
   * Whether requests still get to where a contact registered from: a WebSocket that is closed takes its bindings along.
   * Default always.
   */
  isReachable?: (source: RegistrationSource) => boolean;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /** Called after the bindings of an address changed, with those that are left. */
  onChange?: (aor: string, bindings: Binding[]) => void;
}

/** The answer to a REGISTER, to be put into the response. */
export interface RegisterAnswer {
  status: 200 | 400 | 403 | 423 | 500;
  /** Where the registered phrase says too little. */
  reason?: string;
  headers: [name: string, value: string][];
}

interface Entry {
  binding: Binding;
  uri: SipUri;
}

/**
 * Keeps which contacts an address of record is bound to (RFC 3261 §10.3). Works on requests that are authenticated and
 * authorized already. All changes of one REGISTER are made or none.
 */
export class Registrar {
  readonly #byAor = new Map<string, Entry[]>();
  readonly #minExpiresSec: number;
  readonly #maxExpiresSec: number;
  readonly #defaultExpiresSec: number;
  readonly #maxBindingsPerAor: number;
  readonly #isReachable: (source: RegistrationSource) => boolean;
  readonly #now: () => number;
  readonly #onChange: (aor: string, bindings: Binding[]) => void;

  constructor(options: RegistrarOptions = {}) {
    this.#minExpiresSec = options.minExpiresSec ?? 60;
    this.#maxExpiresSec = options.maxExpiresSec ?? 3600;
    this.#defaultExpiresSec = options.defaultExpiresSec ?? 3600;
    this.#maxBindingsPerAor = options.maxBindingsPerAor ?? 10;
    this.#isReachable = options.isReachable ?? (() => true);
    this.#now = options.now ?? Date.now;
    this.#onChange = options.onChange ?? (() => {});
  }

  /**
   * Carries out a REGISTER for an address of record (see `addressOfRecord`) that came from `source`, and says how to
   * answer it. A REGISTER without Contact asks for the bindings.
   */
  register(request: { readonly headers: SipHeaders }, aor: string, source: RegistrationSource): RegisterAnswer {
    const { headers } = request;
    const cseq = parseCSeq(headers.get('CSeq') ?? '');
    const callId = headers.get('Call-ID');
    if (cseq === null || callId === undefined) return refusal(400, 'CSeq Or Call-ID Missing');
    const requested = readRequestedContacts(headers, this.#defaultExpiresSec);
    if (requested.kind === 'malformed') return refusal(400, `Bad Contact: ${requested.message}`);
    const before = this.#live(aor);
    const isOld = ({ binding }: Entry) => binding.callId === callId && cseq.number <= binding.cseq;
    if (requested.kind === 'remove-all') {
      if (before.some(isOld)) return refusal(500, 'CSeq Out Of Order');
      return this.#commit(aor, []);
    }
    if (requested.contacts.length === 0) return this.#answer(before);
    const briefest = Math.min(...requested.contacts.map((contact) => contact.expiresSec || this.#minExpiresSec));
    if (briefest < this.#minExpiresSec) {
      return { status: 423, headers: [['Min-Expires', String(this.#minExpiresSec)]] };
    }
    if (requested.contacts.length > this.#maxBindingsPerAor) return refusal(403, 'Too Many Contacts');
    const after = [...before];
    for (const contact of requested.contacts) {
      const known = after.findIndex((entry) => sameUri(entry.uri, contact.uri));
      const entry = after[known];
      if (entry !== undefined && before.includes(entry) && isOld(entry)) return refusal(500, 'CSeq Out Of Order');
      if (known >= 0) after.splice(known, 1);
      if (contact.expiresSec > 0) {
        after.push({ binding: this.#bind(contact, aor, source, headers, callId, cseq.number), uri: contact.uri });
      }
    }
    return this.#commit(aor, after.slice(-this.#maxBindingsPerAor), headers);
  }

  /** The live bindings of an address, most preferred first, of equal ones the latest first. */
  lookup(aor: string): Binding[] {
    const bindings = this.#live(aor).map((entry) => entry.binding);
    return bindings.reverse().sort((a, b) => b.q - a.q);
  }

  /** Where the contact that a dialog names as its remote target registered from last; null: it is none of the address. */
  sourceOf(aor: string, contact: string): RegistrationSource | null {
    const uri = parseSipUri(contact);
    if (uri === null) return null;
    return this.#live(aor).findLast((entry) => sameUri(entry.uri, uri))?.binding.source ?? null;
  }

  /** Drops every binding of an address, for example of a user that was deleted. */
  remove(aor: string): void {
    if (this.#byAor.delete(aor)) this.#onChange(aor, []);
  }

  /** Frees what is expired and reports it to `onChange`. Lookups never show expired bindings, called or not. */
  removeExpired(): void {
    for (const [aor, entries] of this.#byAor) {
      const live = this.#live(aor);
      if (live.length < entries.length) this.#replace(aor, live);
    }
  }

  /** Every live binding as a JSON value, for {@link restore}. */
  snapshot(): Binding[] {
    return [...this.#byAor.keys()].flatMap((aor) => this.#live(aor).map((entry) => structuredClone(entry.binding)));
  }

  /**
   * Puts bindings of a {@link snapshot} in place of all there are; expired and unreadable ones are left out, and those
   * of WebSockets, which did not outlive the process that took it.
   */
  restore(bindings: readonly Binding[]): void {
    this.#byAor.clear();
    const nowMs = this.#now();
    for (const binding of bindings) {
      const uri = parseSipUri(binding.uri);
      if (uri === null || binding.expiresAtMs <= nowMs || binding.source.protocol === 'ws') continue;
      const entries = this.#byAor.get(binding.aor) ?? [];
      entries.push({ binding: structuredClone(binding), uri });
      this.#byAor.set(binding.aor, entries);
    }
  }

  #bind(
    contact: RequestedContact,
    aor: string,
    source: RegistrationSource,
    headers: SipHeaders,
    callId: string,
    cseq: number,
  ): Binding {
    const registeredAtMs = this.#now();
    return {
      aor,
      uri: contact.text,
      params: contact.params,
      source: { ...source },
      expiresAtMs: registeredAtMs + Math.min(contact.expiresSec, this.#maxExpiresSec) * 1000,
      registeredAtMs,
      q: contact.q,
      callId,
      cseq,
      path: headers.all('Path'),
      userAgent: headers.get('User-Agent') ?? '',
    };
  }

  /** Oldest refresh first. */
  #live(aor: string): Entry[] {
    const nowMs = this.#now();
    return (this.#byAor.get(aor) ?? []).filter(
      ({ binding }) => binding.expiresAtMs > nowMs && this.#isReachable(binding.source),
    );
  }

  #commit(aor: string, entries: Entry[], headers?: SipHeaders): RegisterAnswer {
    this.#replace(aor, entries);
    return this.#answer(entries, headers);
  }

  #replace(aor: string, entries: Entry[]): void {
    if (entries.length > 0) this.#byAor.set(aor, entries);
    else this.#byAor.delete(aor);
    this.#onChange(aor, this.lookup(aor));
  }

  /** 200 with every binding and the seconds it has left; Path is repeated so that the phone knows it (RFC 3327 §5.3). */
  #answer(entries: readonly Entry[], headers?: SipHeaders): RegisterAnswer {
    const nowMs = this.#now();
    const lines: [string, string][] = entries.map(({ binding }) => {
      const leftSec = Math.ceil((binding.expiresAtMs - nowMs) / 1000);
      return ['Contact', `<${binding.uri}>${binding.params};expires=${leftSec}`];
    });
    for (const path of headers?.all('Path') ?? []) lines.push(['Path', path]);
    lines.push(['Date', new Date(nowMs).toUTCString()]);
    return { status: 200, headers: lines };
  }
}

function refusal(status: 400 | 403 | 500, reason: string): RegisterAnswer {
  return { status, reason, headers: [] };
}
