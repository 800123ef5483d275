import type { DtlsCertificate } from '../dtls/certificate.ts';
import { DtlsEndpoint } from '../dtls/dtls-endpoint.ts';
import type { AgreedSecurity, SecurityMethod } from '../sdp/agreed-security.ts';
import type { SrtpSuiteName } from '../srtp/suite.ts';
import type { WorkerCommand } from '../worker/protocol.ts';

export interface SessionProtectionOptions {
  sessionId: number;
  post: (command: WorkerCommand) => void;
  certificate: () => DtlsCertificate;
  /** Suites for SRTP, preferred first. */
  suites: readonly SrtpSuiteName[];
  /** How long a handshake may take. */
  timeoutMs: number;
  onSecured: (method: SecurityMethod, suite: SrtpSuiteName) => void;
  onFailed: (reason: string) => void;
}

/** A far side that missed the end of the handshake asks for it again within this time. */
const REPEAT_MS = 10_000;

type AgreedDtls = Extract<AgreedSecurity, { kind: 'dtls' }>;

/**
 * The control side of a session's protection. Handshakes run here and not in the worker: their public-key arithmetic takes
 * a millisecond, in which a hundred packets of others would wait.
 */
export class SessionProtection {
  readonly #options: SessionProtectionOptions;
  #agreed: AgreedSecurity = { kind: 'none' };
  #endpoint: DtlsEndpoint | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** The keys are out; the endpoint is kept no longer than it can be of use. */
  #isDone = false;
  #release: NodeJS.Timeout | null = null;
  #hasPath = false;

  constructor(options: SessionProtectionOptions) {
    this.#options = options;
  }

  get method(): SecurityMethod {
    return this.#agreed.kind;
  }

  /**
   * Tells the worker what offer and answer settled, before it is told of the media. A handshake that is done or under way
   * goes on if it still fits; {@link begin} starts another.
   */
  apply(agreed: AgreedSecurity): void {
    const { sessionId, post, onSecured } = this.#options;
    const before = this.#agreed;
    this.#agreed = agreed;
    if (agreed.kind !== 'dtls') this.#end();
    if (agreed.kind === 'none') {
      if (before.kind !== 'none') post({ type: 'secure', sessionId, security: agreed });
    } else if (agreed.kind === 'sdes') {
      post({ type: 'secure', sessionId, security: agreed });
      if (before.kind !== 'sdes' || before.send.suite !== agreed.send.suite) onSecured('sdes', agreed.send.suite);
    } else {
      post({ type: 'secure', sessionId, security: { kind: 'dtls', ice: agreed.ice } });
      if (before.kind !== 'dtls' || !sameAssociation(before, agreed)) this.#end();
    }
  }

  /** Starts the handshake when one is due and the worker knows where to; who begins it waits for ICE to find somebody. */
  begin(): void {
    const agreed = this.#agreed;
    if (agreed.kind !== 'dtls' || this.#endpoint !== null || this.#isDone) return;
    if (agreed.role === 'server' || agreed.ice === null || this.#hasPath) this.#start(agreed);
  }

  /** ICE found the far side. */
  pathFound(): void {
    this.#hasPath = true;
    this.begin();
  }

  /** A datagram of the far side's handshake. */
  receive(datagram: Uint8Array): void {
    this.#endpoint?.receive(datagram, performance.now());
    this.#arm();
  }

  /** The session ends. */
  close(): void {
    this.#end();
  }

  #start({ role, fingerprints }: AgreedDtls): void {
    const { sessionId, post, certificate, suites, timeoutMs, onSecured, onFailed } = this.#options;
    this.#endpoint = new DtlsEndpoint(
      {
        role,
        fingerprints,
        timeoutMs,
        certificate: certificate(),
        srtpSuites: suites,
        send: (datagram) => post({ type: 'sendDtls', sessionId, datagram }),
        onConnected: (keys) => {
          post({ type: 'setSrtpKeys', sessionId, keys });
          this.#isDone = true;
          this.#release = setTimeout(() => {
            this.#endpoint = null;
          }, REPEAT_MS);
          this.#release.unref();
          onSecured('dtls', keys.send.suite);
        },
        onFailed: (reason) => {
          // The next offer may try again.
          this.#endpoint = null;
          onFailed(reason);
        },
        onClosed: () => {},
      },
      performance.now(),
    );
    this.#arm();
  }

  /** One timer, and only while a handshake runs. */
  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const dueMs = this.#endpoint?.dueMs ?? null;
    if (dueMs === null) return;
    this.#timer = setTimeout(
      () => {
        this.#endpoint?.tick(performance.now());
        this.#arm();
      },
      Math.max(1, Math.ceil(dueMs - performance.now())),
    );
    this.#timer.unref();
  }

  #end(): void {
    this.#endpoint?.close();
    this.#endpoint = null;
    this.#isDone = false;
    if (this.#release !== null) clearTimeout(this.#release);
    this.#release = null;
    this.#arm();
  }
}

/** Whether the far side goes on with the certificate and the role that it had (RFC 8842 §4). */
function sameAssociation(before: AgreedDtls, after: AgreedDtls): boolean {
  const text = ({ role, fingerprints }: AgreedDtls) => JSON.stringify([role, fingerprints]);
  return text(before) === text(after);
}
