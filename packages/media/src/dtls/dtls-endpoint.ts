import { randomBytes } from 'node:crypto';
import type { SrtpKey } from '../srtp/sdes.ts';
import { SRTP_SUITES, type SrtpSuiteName } from '../srtp/suite.ts';
import { DtlsFormatError } from './byte-reader.ts';
import type { DtlsCertificate } from './certificate.ts';
import { ClientHandshake } from './client-handshake.ts';
import { ALERT, DtlsFailure } from './failure.ts';
import type { Fingerprint } from './fingerprint.ts';
import { FlightSender } from './flight.ts';
import type { Flight } from './handshake.ts';
import { HandshakeAssembler } from './handshake-message.ts';
import { CONTENT_TYPE, type DtlsRecord, readRecords } from './record.ts';
import type { DtlsRole } from './secrets.ts';
import { ServerHandshake } from './server-handshake.ts';

/** What a handshake gives: the keys of both directions. */
export interface DtlsSrtpKeys {
  send: SrtpKey;
  receive: SrtpKey;
}

export interface DtlsEndpointOptions {
  /** `client` is the active side of `a=setup`. */
  role: DtlsRole;
  certificate: DtlsCertificate;
  /** The far side's certificate as its SDP names it. */
  fingerprints: readonly Fingerprint[];
  /** Suites for SRTP, preferred first. */
  srtpSuites: readonly SrtpSuiteName[];
  /** How long the handshake may take in all. */
  timeoutMs: number;
  send: (datagram: Uint8Array) => void;
  /** Once, when the far side has proven who it is. */
  onConnected: (keys: DtlsSrtpKeys) => void;
  /** Once, in place of `onConnected`: what went wrong, for people. */
  onFailed: (reason: string) => void;
  /** The far side ended the association it had. */
  onClosed: () => void;
}

const WARNING = 1;
const FATAL = 2;

/**
 * DTLS 1.2 (RFC 6347) as far as DTLS-SRTP needs it (RFC 5764): a handshake with certificates on both sides, ECDHE on
 * P-256, AES-128-GCM, the extended master secret, and the keys for SRTP that come out of it. No sockets and no timers:
 * datagrams and the time are handed in. Nothing that comes in throws.
 */
export class DtlsEndpoint {
  readonly #options: DtlsEndpointOptions;
  readonly #handshake: ClientHandshake | ServerHandshake;
  readonly #assembler = new HandshakeAssembler();
  readonly #flights: FlightSender;
  readonly #deadlineMs: number;
  #state: 'running' | 'connected' | 'over' = 'running';
  #alert = '';

  /** A client begins at once. `nowMs`: any clock in milliseconds that only goes forward. */
  constructor(options: DtlsEndpointOptions, nowMs: number) {
    this.#options = options;
    this.#deadlineMs = nowMs + options.timeoutMs;
    const { certificate, fingerprints, srtpSuites } = options;
    const handshakeOptions = { certificate, fingerprints, srtpSuites, random: () => randomBytes(32) };
    this.#flights = new FlightSender(options.send, () => this.#handshake.shared.secrets.sealing);
    if (options.role === 'server') {
      this.#handshake = new ServerHandshake(handshakeOptions);
    } else {
      const client = new ClientHandshake(handshakeOptions);
      this.#handshake = client;
      this.#transmit(client.start(), nowMs);
    }
  }

  /** When {@link tick} has something to do; null: never more. */
  get dueMs(): number | null {
    return this.#state === 'running' ? Math.min(this.#deadlineMs, this.#flights.dueMs ?? this.#deadlineMs) : null;
  }

  /** Repeats what was lost, or gives up. */
  tick(nowMs: number): void {
    if (this.#state !== 'running') return;
    if (nowMs >= this.#deadlineMs) this.#fail(`The DTLS handshake did not end in time${this.#alert}`);
    else this.#flights.tick(nowMs);
  }

  /** Takes a datagram (RFC 7983: its first octet is from 20 to 63), whatever it holds. */
  receive(datagram: Uint8Array, nowMs: number): void {
    for (const record of readRecords(datagram)) {
      if (this.#state === 'over') return;
      const plain = this.#open(record);
      if (plain === null) continue;
      if (plain.type === CONTENT_TYPE.handshake) this.#takeHandshake(plain, nowMs);
      else if (plain.type === CONTENT_TYPE.alert) this.#takeAlert(plain);
    }
  }

  /** Tells the far side that we leave. Nothing is reported any more. */
  close(): void {
    if (this.#state === 'connected') this.#sendAlert(WARNING, ALERT.closeNotify);
    this.#state = 'over';
  }

  #open(record: DtlsRecord): DtlsRecord | null {
    if (record.epoch === 0) return record;
    return record.epoch === 1 ? (this.#handshake.shared.secrets.opening?.open(record) ?? null) : null;
  }

  #takeHandshake(record: DtlsRecord, nowMs: number): void {
    try {
      if (this.#assemble(record)) this.#flights.repeat(nowMs);
      for (let message = this.#assembler.take(); message !== null; message = this.#assembler.take()) {
        if (this.#state !== 'running') return;
        const flight = this.#handshake.handle(message);
        if (flight !== null) this.#transmit(flight, nowMs);
        if (this.#handshake.shared.isDone) this.#connect();
      }
    } catch (error) {
      if (error instanceof DtlsFailure) this.#refuse(error.alert, error.message);
      else if (error instanceof DtlsFormatError) this.#refuse(ALERT.decodeError, error.message);
      else throw error;
    }
  }

  /** Whether the record repeats something that was complete before. */
  #assemble({ epoch, fragment }: DtlsRecord): boolean {
    try {
      return this.#assembler.add(fragment).repeated;
    } catch (error) {
      // Anybody could have sent it: such records are dropped without a word (RFC 6347 §4.1.2.7).
      if (epoch === 0 && error instanceof DtlsFormatError) return false;
      throw error;
    }
  }

  #transmit({ parts, isLast }: Flight, nowMs: number): void {
    this.#flights.answered();
    this.#flights.send(parts, nowMs, isLast);
  }

  #connect(): void {
    const { suite, secrets, role } = this.#handshake.shared;
    if (suite === null) return;
    this.#state = 'connected';
    this.#flights.answered();
    const masters = secrets.srtpMasters(SRTP_SUITES[suite].keyBytes, SRTP_SUITES[suite].saltBytes);
    secrets.forget();
    const key = (side: DtlsRole) => ({ suite, master: Buffer.from(masters[side]).toString('base64'), mkiBytes: 0 });
    this.#options.onConnected({ send: key(role), receive: key(role === 'client' ? 'server' : 'client') });
  }

  /** Unprotected alerts are hints at most: anybody could have sent them. */
  #takeAlert({ epoch, fragment }: DtlsRecord): void {
    const [level, description] = fragment;
    if (epoch === 0) {
      this.#alert = `; the far side sent alert ${description}`;
    } else if (this.#state === 'connected' && (description === ALERT.closeNotify || level === FATAL)) {
      this.#state = 'over';
      this.#options.onClosed();
    }
  }

  #refuse(alert: number, reason: string): void {
    // What comes after the handshake cannot undo it.
    if (this.#state !== 'running') return;
    this.#sendAlert(FATAL, alert);
    this.#fail(reason);
  }

  #fail(reason: string): void {
    this.#state = 'over';
    this.#options.onFailed(reason);
  }

  #sendAlert(level: number, description: number): void {
    const encrypted = this.#state === 'connected';
    this.#flights.sendOnce({ type: CONTENT_TYPE.alert, fragment: Uint8Array.of(level, description), encrypted });
  }
}
