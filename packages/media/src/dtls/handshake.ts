import { timingSafeEqual } from 'node:crypto';
import type { SrtpSuiteName } from '../srtp/suite.ts';
import { ByteReader } from './byte-reader.ts';
import { numberBytes, vectorBytes } from './byte-writer.ts';
import type { DtlsCertificate } from './certificate.ts';
import { ALERT, DtlsFailure } from './failure.ts';
import { type Fingerprint, matchesFingerprint } from './fingerprint.ts';
import { type FlightPart, flightOf } from './flight.ts';
import { HANDSHAKE, type HandshakeMessage, writeHandshakeMessage } from './handshake-message.ts';
import { type DtlsRole, HandshakeSecrets } from './secrets.ts';
import { isSignedBy } from './signature.ts';

export interface HandshakeOptions {
  certificate: DtlsCertificate;
  /** What the signalling says of the far side's certificate; one of them must be its own. */
  fingerprints: readonly Fingerprint[];
  /** Suites for SRTP, preferred first. */
  srtpSuites: readonly SrtpSuiteName[];
  /** Random numbers of 32 octets. */
  random: () => Uint8Array;
}

/** What to send now, and whether the far side has nothing more to say to it. */
export interface Flight {
  parts: FlightPart[];
  isLast: boolean;
}

/** What both roles do alike. Every step throws {@link DtlsFailure} or DtlsFormatError when the far side must be refused. */
export class Handshake {
  readonly options: HandshakeOptions;
  readonly secrets: HandshakeSecrets;
  /** What SRTP will use; null until the hellos agreed. */
  suite: SrtpSuiteName | null = null;
  isDone = false;
  readonly role: DtlsRole;
  #farCertificate: Uint8Array = new Uint8Array(0);
  #sequence = 0;

  constructor(role: DtlsRole, options: HandshakeOptions) {
    this.role = role;
    this.options = options;
    this.secrets = new HandshakeSecrets(role);
  }

  /** Writes our next message and takes it into the transcript. */
  write(type: number, body: Uint8Array): Uint8Array {
    const message = writeHandshakeMessage({ type, sequence: this.#sequence++, body });
    this.secrets.add(message);
    return message;
  }

  /** Takes a message of the far side into the transcript. */
  hear(message: HandshakeMessage): void {
    this.secrets.add(writeHandshakeMessage(message));
  }

  writeCertificate(): Uint8Array {
    return this.write(HANDSHAKE.certificate, vectorBytes(3, vectorBytes(3, this.options.certificate.der)));
  }

  /** Only the far side's own certificate is looked at: its fingerprint is all that is known of it. */
  readCertificate(body: Uint8Array): void {
    const list = new ByteReader(new ByteReader(body).vector(3));
    if (list.left === 0) throw new DtlsFailure(ALERT.badCertificate, 'The far side has no certificate');
    this.#farCertificate = Uint8Array.from(list.vector(3));
    if (!matchesFingerprint(this.#farCertificate, this.options.fingerprints)) {
      throw new DtlsFailure(ALERT.badCertificate, "The far side's certificate is not the one its SDP names");
    }
  }

  /** Reads scheme and signature, and checks that they are of the certificate's owner. */
  checkSignature(reader: ByteReader, signed: Uint8Array): void {
    const scheme = reader.number(2);
    const signature = reader.vector(2);
    if (!isSignedBy(this.#farCertificate, scheme, signed, signature)) {
      throw new DtlsFailure(ALERT.decryptError, 'The far side does not own the certificate that it shows');
    }
  }

  /** Our Finished behind other messages of the flight. */
  finish(messages: readonly Uint8Array[]): FlightPart[] {
    const finished = this.write(HANDSHAKE.finished, this.secrets.verifyData(this.role));
    return flightOf(messages, finished);
  }

  /** The far side's Finished proves that both saw the same messages and have the same keys. */
  checkFinished(message: HandshakeMessage): void {
    const expected = this.secrets.verifyData(this.role === 'client' ? 'server' : 'client');
    if (message.body.length !== expected.length || !timingSafeEqual(message.body, expected)) {
      throw new DtlsFailure(ALERT.decryptError, 'Somebody changed the handshake on its way');
    }
    this.hear(message);
  }

  /** The two random numbers and the server's public key, which the server signs (RFC 8422 §5.4). */
  signedParameters(parameters: Uint8Array): Uint8Array {
    return Buffer.concat([this.secrets.clientRandom, this.secrets.serverRandom, parameters]);
  }

  unexpected(message: HandshakeMessage): DtlsFailure {
    return new DtlsFailure(ALERT.unexpectedMessage, `A handshake message of type ${message.type} came out of turn`);
  }
}

/** Scheme and signature as they stand in messages. */
export function writeSignature(scheme: number, signature: Uint8Array): Uint8Array {
  return Buffer.concat([numberBytes(scheme, 2), vectorBytes(2, signature)]);
}
