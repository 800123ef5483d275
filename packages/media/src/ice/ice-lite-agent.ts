import { createSecretKey, type KeyObject } from 'node:crypto';
import type { IceCredentials } from './credentials.ts';
import { errorCode, STUN_ATTRIBUTE, STUN_BINDING, StunBuilder, StunMessage, xorMappedAddress } from './stun-message.ts';

/** An IP address and UDP port. */
interface Address {
  address: string;
  port: number;
}

export interface IceLiteAgentOptions {
  /** Sends one datagram to an address; the bytes may be kept. */
  send: (datagram: Uint8Array, address: string, port: number) => void;
  /** How long media goes on without a check of the far side; 0: for ever. RFC 7675 §5.1 says 30 s. */
  consentMs: number;
  /** Consent was lost, or never came within the same time. Once until a check comes again. */
  onConsentLost: (silentMs: number) => void;
}

/** Attributes below 0x8000 must be understood (RFC 8489 §14). */
const UNDERSTOOD = new Set<number>([
  STUN_ATTRIBUTE.username,
  STUN_ATTRIBUTE.messageIntegrity,
  STUN_ATTRIBUTE.priority,
  STUN_ATTRIBUTE.useCandidate,
]);
/** A nominated path of a lower priority takes over when the current one had no check for this long. */
const STALE_PATH_MS = 5000;
/** Addresses of the far side that are remembered; it has no more than its interfaces. */
const MOST_SOURCES = 8;

/**
 * The lite side of ICE (RFC 8445 §2.5): it has addresses that everybody can reach, so it never checks, it answers. The far
 * side checks from its addresses, and the one it nominates (USE-CANDIDATE) becomes the path; until then the first one
 * that was checked. Checks count only with our user name and password, and nobody is sent media who did not send one.
 */
export class IceLiteAgent {
  readonly #options: IceLiteAgentOptions;
  #local: { ufrag: string; key: KeyObject } | null = null;
  #remoteUfrag: string | null = null;
  #selected: (Address & { priority: number; heardMs: number }) | null = null;
  /** Who sent a good check since ICE began, the last one at the end. */
  readonly #checked = new Set<string>();
  #checkedMs = 0;
  #lost = false;

  constructor(options: IceLiteAgentOptions) {
    this.#options = options;
  }

  /** Where media goes; null before the first check and after consent was lost. */
  get selected(): Address | null {
    return this.#lost ? null : this.#selected;
  }

  /** Whether a good check came from there: what comes from elsewhere is not the far side's. */
  hasChecked(address: string, port: number): boolean {
    return !this.#lost && this.#checked.has(`${address} ${port}`);
  }

  /**
   * Puts credentials into force; with others than before ICE begins anew (RFC 8445 §9) while media stays on its path
   * until the far side names another. `remoteUfrag` is null while the far side's answer is still to come.
   */
  configure(local: IceCredentials, remoteUfrag: string | null, nowMs: number): void {
    const isRestart = local.ufrag !== this.#local?.ufrag;
    this.#remoteUfrag = remoteUfrag;
    if (!isRestart) return;
    this.#local = { ufrag: local.ufrag, key: createSecretKey(local.password, 'utf8') };
    this.#checkedMs = nowMs;
    if (this.#selected !== null) this.#selected.priority = -1;
  }

  /** Takes a datagram that looks like STUN (RFC 7983: its first octet is below 4), whatever it holds. */
  receive(datagram: Uint8Array, address: string, port: number, nowMs: number): void {
    const message = StunMessage.read(datagram);
    // Answers are for those who ask, indications only keep a NAT's mapping open.
    if (message === null || message.type !== STUN_BINDING.request || this.#local === null) return;
    const refusal = this.#refusal(message);
    if (refusal !== null) {
      this.#options.send(refusal, address, port);
      return;
    }
    const reply = new StunBuilder(STUN_BINDING.success, message.transactionId)
      .add(STUN_ATTRIBUTE.xorMappedAddress, xorMappedAddress(address, port, message.transactionId))
      .finish(this.#local.key);
    this.#options.send(reply, address, port);
    this.#checkedMs = nowMs;
    this.#lost = false;
    this.#remember(`${address} ${port}`);
    this.#consider(message, { address, port }, nowMs);
  }

  /** To be called now and then. */
  tick(nowMs: number): void {
    const { consentMs, onConsentLost } = this.#options;
    const silentMs = nowMs - this.#checkedMs;
    if (this.#lost || consentMs === 0 || this.#local === null || silentMs < consentMs) return;
    this.#lost = true;
    onConsentLost(Math.round(silentMs));
  }

  /** The error that a request deserves (RFC 8489 §9.1.3, RFC 8445 §7.3); null for a good one. */
  #refusal(message: StunMessage): Uint8Array | null {
    const local = this.#local;
    const username = message.text(STUN_ATTRIBUTE.username);
    const refuse = (code: number, reason: string, key: KeyObject | null) =>
      new StunBuilder(STUN_BINDING.error, message.transactionId)
        .add(STUN_ATTRIBUTE.errorCode, errorCode(code, reason))
        .finish(key);
    if (local === null || username === null || !message.attributes.has(STUN_ATTRIBUTE.messageIntegrity)) {
      return refuse(400, 'Bad Request', null);
    }
    if (!this.#isOurs(username, local.ufrag) || !message.isIntact(local.key))
      return refuse(401, 'Unauthenticated', null);
    const unknown = [...message.attributes.keys()].filter((type) => type < 0x8000 && !UNDERSTOOD.has(type));
    if (unknown.length > 0) {
      return new StunBuilder(STUN_BINDING.error, message.transactionId)
        .add(STUN_ATTRIBUTE.errorCode, errorCode(420, 'Unknown Attribute'))
        .add(STUN_ATTRIBUTE.unknownAttributes, Uint8Array.from(unknown.flatMap((type) => [type >> 8, type & 0xff])))
        .finish(local.key);
    }
    // Who checks must lead, because a lite side cannot.
    return message.attributes.has(STUN_ATTRIBUTE.iceControlled) ? refuse(487, 'Role Conflict', local.key) : null;
  }

  /** Checks are addressed to `our:their` user name (RFC 8445 §7.2.2). */
  #isOurs(username: string, ufrag: string): boolean {
    const theirs = this.#remoteUfrag;
    return theirs === null ? username.startsWith(`${ufrag}:`) : username === `${ufrag}:${theirs}`;
  }

  #remember(source: string): void {
    this.#checked.delete(source);
    this.#checked.add(source);
    for (const oldest of this.#checked) {
      if (this.#checked.size <= MOST_SOURCES) return;
      this.#checked.delete(oldest);
    }
  }

  #consider(message: StunMessage, source: Address, nowMs: number): void {
    const nominated = message.attributes.has(STUN_ATTRIBUTE.useCandidate);
    const priority = nominated ? (message.number(STUN_ATTRIBUTE.priority) ?? 0) : -1;
    const selected = this.#selected;
    if (selected === null) {
      this.#selected = { ...source, priority, heardMs: nowMs };
    } else if (selected.address === source.address && selected.port === source.port) {
      selected.heardMs = nowMs;
      selected.priority = Math.max(selected.priority, priority);
    } else if (nominated && (priority >= selected.priority || nowMs - selected.heardMs >= STALE_PATH_MS)) {
      this.#selected = { ...source, priority, heardMs: nowMs };
    }
  }
}
