import { type Fingerprint, readFingerprint } from '../dtls/fingerprint.ts';
import type { DtlsRole } from '../dtls/secrets.ts';
import { areIceCredentials, createIceCredentials, type IceCredentials } from '../ice/credentials.ts';
import { createSrtpKey, readCryptoLine, type SrtpKey, writeCryptoLine } from '../srtp/sdes.ts';
import type { SrtpSuiteName } from '../srtp/suite.ts';
import type { AgreedSecurity, SecurityMethod } from './agreed-security.ts';
import type { RemoteMedia } from './remote-description.ts';

export interface TransportSecurityOptions {
  /** Suites for SRTP, preferred first. */
  suites: readonly SrtpSuiteName[];
  /** How our own offers are protected; the far side's are answered as they are. */
  offers: SecurityMethod;
  /** Of our certificate; asked for only when it is needed. */
  fingerprint: () => Fingerprint;
  /** Where the far side reaches us. */
  address: string;
  port: number;
}

/** Lines that tell the far side about protection and connectivity, without `a=`. */
export interface SecurityLines {
  /** For the media line. */
  transport: string[];
  /** For the whole session. */
  session: string[];
}

const PLAIN = /^RTP\/AVPF?$/;
const SDES = /^RTP\/SAVPF?$/;
const DTLS = /^UDP\/TLS\/RTP\/SAVPF?$/;

/** The protocols of offers; the browser's has feedback. */
const OFFERED_PROTOCOLS: Record<SecurityMethod, string> = {
  none: 'RTP/AVP',
  sdes: 'RTP/SAVP',
  dtls: 'UDP/TLS/RTP/SAVPF',
};
const OFFERED_MID = '0';
const NOTHING: SecurityLines = { transport: [], session: [] };
/** Type preference of a host candidate, the only address, the RTP component (RFC 8445 §5.1.2.1). */
const CANDIDATE_PRIORITY = 126 * 2 ** 24 + 65_535 * 2 ** 8 + 255;

/** Whether we know how a line of this protocol is protected. */
export function isKnownProtocol(protocol: string): boolean {
  return PLAIN.test(protocol) || SDES.test(protocol) || DTLS.test(protocol);
}

/** The protection side of one session's offers and answers: our keys stay from one to the next, while they are used. */
export class TransportSecurity {
  readonly #options: TransportSecurityOptions;
  readonly #keys = new Map<SrtpSuiteName, SrtpKey>();
  /** Made when they are first needed: most calls have no ICE. */
  #ownIce: IceCredentials | null = null;
  #farIce: IceCredentials | null = null;
  /** Whose key of ours protects what we send. */
  #suiteInForce: SrtpSuiteName | null = null;
  /** The last handshake: our role, and with whom. */
  #association: { role: DtlsRole; fingerprints: string } | null = null;
  /** How the next offer is protected: as the call is, once it is up. */
  #way: { method: SecurityMethod; protocol: string; mid: string | null };

  constructor(options: TransportSecurityOptions) {
    this.#options = options;
    const { offers } = options;
    this.#way = {
      method: offers,
      protocol: OFFERED_PROTOCOLS[offers],
      mid: offers === 'dtls' ? OFFERED_MID : null,
    };
  }

  get #ice(): IceCredentials {
    this.#ownIce ??= createIceCredentials();
    return this.#ownIce;
  }

  /** Answers an offered line; null when its protection is none of ours. */
  answer(line: RemoteMedia): { agreed: AgreedSecurity; lines: SecurityLines } | null {
    const answer = this.#answer(line);
    if (answer === null) return null;
    this.#settle(answer.agreed);
    this.#way = { method: answer.agreed.kind, protocol: line.protocol, mid: line.mid };
    return answer;
  }

  #answer(line: RemoteMedia): { agreed: AgreedSecurity; lines: SecurityLines } | null {
    if (DTLS.test(line.protocol)) return this.#answerDtls(line);
    const sdes = this.#answerSdes(line);
    // Plain RTP with keys beside it: some phones offer protection to those who can do it in this way.
    if (sdes !== null || !PLAIN.test(line.protocol)) return sdes;
    return { agreed: { kind: 'none' }, lines: NOTHING };
  }

  /** What our offer says: how new calls are protected, or how this one is already. */
  offer(): { protocol: string; mid: string | null; lines: SecurityLines } {
    const { method, protocol, mid } = this.#way;
    if (method === 'none') return { protocol, mid, lines: NOTHING };
    if (method === 'dtls') return { protocol, mid, lines: this.#dtlsLines('actpass', true, mid) };
    const transport = this.#options.suites.map(
      (suite, i) => `crypto:${writeCryptoLine({ tag: String(i + 1), key: this.#key(suite) })}`,
    );
    return { protocol, mid, lines: { transport, session: [] } };
  }

  /** Takes the answer to {@link offer}; null when it does not fit. */
  accept(line: RemoteMedia): AgreedSecurity | null {
    const agreed = this.#accept(line);
    if (agreed !== null) this.#settle(agreed);
    return agreed;
  }

  #accept(line: RemoteMedia): AgreedSecurity | null {
    const { suites } = this.#options;
    const { method, protocol } = this.#way;
    if (method === 'none') return PLAIN.test(line.protocol) ? { kind: 'none' } : null;
    if (method === 'dtls') {
      const setup = firstValueOf(line, 'setup');
      if (!DTLS.test(line.protocol) || (setup !== 'active' && setup !== 'passive')) return null;
      const fingerprints = fingerprintsOf(line);
      if (fingerprints.length === 0) return null;
      // Forks answer one offer each with credentials of their own; ours are those of the offer.
      return this.#agreeDtls(line, setup === 'active' ? 'server' : 'client', fingerprints);
    }
    // Keys may have come beside plain RTP.
    if (!(PLAIN.test(protocol) ? PLAIN : SDES).test(line.protocol)) return null;
    for (const { tag, key } of cryptoLines(line)) {
      const suite = suites[Number(tag) - 1];
      if (suite === key.suite) return { kind: 'sdes', send: this.#key(suite), receive: key };
    }
    return null;
  }

  /** A key that is used no more must not come back: its keystream would begin again. */
  #settle(agreed: AgreedSecurity): void {
    const suite = agreed.kind === 'sdes' ? agreed.send.suite : null;
    if (this.#suiteInForce !== null && this.#suiteInForce !== suite) this.#keys.delete(this.#suiteInForce);
    this.#suiteInForce = suite;
    this.#association =
      agreed.kind === 'dtls' ? { role: agreed.role, fingerprints: JSON.stringify(agreed.fingerprints) } : null;
  }

  #answerSdes(line: RemoteMedia): { agreed: AgreedSecurity; lines: SecurityLines } | null {
    const offered = cryptoLines(line);
    for (const suite of this.#options.suites) {
      const chosen = offered.find(({ key }) => key.suite === suite);
      if (chosen === undefined) continue;
      const key = this.#key(suite);
      const lines = { transport: [`crypto:${writeCryptoLine({ tag: chosen.tag, key })}`], session: [] };
      return { agreed: { kind: 'sdes', send: key, receive: chosen.key }, lines };
    }
    return null;
  }

  #answerDtls(line: RemoteMedia): { agreed: AgreedSecurity; lines: SecurityLines } | null {
    const fingerprints = fingerprintsOf(line);
    if (fingerprints.length === 0) return null;
    const role = this.#answeringRole(firstValueOf(line, 'setup'), fingerprints);
    const far = iceOf(line);
    // New credentials of the far side's offer begin ICE anew (RFC 8839 §4.4.3), and ours must be new too.
    if (this.#farIce !== null && far !== null && far.ufrag !== this.#farIce.ufrag) this.#ownIce = null;
    const agreed = this.#agreeDtls(line, role, fingerprints);
    const bundled =
      line.mid !== null && line.transport.some(({ name, value }) => name === 'group' && isBundle(value, line.mid));
    const setup = role === 'client' ? 'active' : 'passive';
    const lines = this.#dtlsLines(setup, iceOf(line) !== null, bundled ? line.mid : null);
    return { agreed, lines };
  }

  /** Who may choose goes on with the association there is (RFC 8842 §5.3). */
  #answeringRole(setup: string | null, fingerprints: readonly Fingerprint[]): DtlsRole {
    if (setup === 'passive') return 'client';
    // The passive side costs us no retransmission before the far side is there (RFC 5763 §5).
    if (setup !== 'actpass' || this.#association?.fingerprints !== JSON.stringify(fingerprints)) return 'server';
    return this.#association.role;
  }

  #agreeDtls(line: RemoteMedia, role: DtlsRole, fingerprints: Fingerprint[]): AgreedSecurity {
    const far = iceOf(line);
    this.#farIce = far ?? this.#farIce;
    // Two lite sides have nothing to check: both are where they say (RFC 8445 §6.1.1).
    const isLite = line.transport.some(({ name }) => name === 'ice-lite');
    const ice = far === null || isLite ? null : { local: this.#ice, remoteUfrag: far.ufrag };
    return { kind: 'dtls', role, fingerprints, ice };
  }

  #dtlsLines(setup: string, withIce: boolean, bundleMid: string | null): SecurityLines {
    const { address, port, fingerprint } = this.#options;
    const { hash, value } = fingerprint();
    const transport = [`fingerprint:${hash} ${value}`, `setup:${setup}`];
    const session: string[] = [];
    if (bundleMid !== null) session.push(`group:BUNDLE ${bundleMid}`);
    if (!withIce) return { transport, session };
    session.push('ice-lite');
    transport.push(
      `ice-ufrag:${this.#ice.ufrag}`,
      `ice-pwd:${this.#ice.password}`,
      `candidate:1 1 udp ${CANDIDATE_PRIORITY} ${address} ${port} typ host`,
      'end-of-candidates',
    );
    return { transport, session };
  }

  #key(suite: SrtpSuiteName): SrtpKey {
    const key = this.#keys.get(suite) ?? createSrtpKey(suite);
    this.#keys.set(suite, key);
    return key;
  }
}

function cryptoLines(line: RemoteMedia) {
  return valuesOf(line, 'crypto')
    .map(readCryptoLine)
    .filter((one) => one !== null);
}

function fingerprintsOf(line: RemoteMedia): Fingerprint[] {
  return valuesOf(line, 'fingerprint')
    .map(readFingerprint)
    .filter((one) => one !== null);
}

function iceOf(line: RemoteMedia): IceCredentials | null {
  const credentials = { ufrag: firstValueOf(line, 'ice-ufrag') ?? '', password: firstValueOf(line, 'ice-pwd') ?? '' };
  return areIceCredentials(credentials) ? credentials : null;
}

function isBundle(group: string, mid: string | null): boolean {
  const [semantics, ...mids] = group.split(' ');
  return semantics === 'BUNDLE' && mid !== null && mids.includes(mid);
}

function firstValueOf(line: RemoteMedia, wanted: string): string | null {
  return valuesOf(line, wanted)[0] ?? null;
}

function valuesOf(line: RemoteMedia, wanted: string): string[] {
  return line.transport.filter(({ name }) => name === wanted).map(({ value }) => value);
}
