import { SRTP_SUITES } from '../srtp/suite.ts';
import { ByteReader } from './byte-reader.ts';
import { numberBytes, numbers16Bytes, vectorBytes } from './byte-writer.ts';
import { ALERT, DtlsFailure } from './failure.ts';
import { flightOf } from './flight.ts';
import { type Flight, Handshake, type HandshakeOptions, writeSignature } from './handshake.ts';
import { HANDSHAKE, type HandshakeMessage } from './handshake-message.ts';
import { ECDHE_ECDSA_AES_128_GCM, readClientHello, SECP256R1, writeServerHello } from './hello.ts';
import { OWN_SCHEME, SIGNATURE_SCHEMES, signWithOwnScheme } from './signature.ts';

/** Kinds of keys in certificates: ECDSA, RSA (RFC 8422 §5.5). */
const CERTIFICATE_TYPES = Uint8Array.of(64, 1);
const NAMED_CURVE = 3;

/**
 * The passive side (RFC 5246 §7.3). It sends no cookie: who is answered has shown by ICE, or by the signalling, that it
 * receives where it sends from.
 */
export class ServerHandshake {
  readonly shared: Handshake;
  #expected: number = HANDSHAKE.clientHello;

  constructor(options: HandshakeOptions) {
    this.shared = new Handshake('server', options);
  }

  /** Takes the far side's next message; the flight that answers it, or null when more must come. */
  handle(message: HandshakeMessage): Flight | null {
    if (message.type !== this.#expected) throw this.shared.unexpected(message);
    switch (message.type) {
      case HANDSHAKE.clientHello:
        return this.#answerHello(message);
      case HANDSHAKE.certificate:
        this.shared.readCertificate(message.body);
        this.shared.hear(message);
        this.#expected = HANDSHAKE.clientKeyExchange;
        return null;
      case HANDSHAKE.clientKeyExchange:
        this.shared.hear(message);
        this.shared.secrets.agree(new ByteReader(message.body).vector(1));
        this.#expected = HANDSHAKE.certificateVerify;
        return null;
      case HANDSHAKE.certificateVerify:
        this.shared.checkSignature(new ByteReader(message.body), this.shared.secrets.transcript);
        this.shared.hear(message);
        this.#expected = HANDSHAKE.finished;
        return null;
      default:
        this.shared.checkFinished(message);
        this.#expected = -1;
        this.shared.isDone = true;
        return { parts: this.shared.finish([]), isLast: true };
    }
  }

  #answerHello(message: HandshakeMessage): Flight {
    const { shared } = this;
    const { certificate, srtpSuites, random } = shared.options;
    const hello = readClientHello(message.body);
    const missing = (what: string) => new DtlsFailure(ALERT.handshakeFailure, `The far side does not offer ${what}`);
    if (!hello.cipherSuites.includes(ECDHE_ECDSA_AES_128_GCM)) throw missing('ECDHE-ECDSA with AES-128-GCM');
    if (!hello.groups.includes(SECP256R1)) throw missing('the curve P-256');
    if (!hello.signatureSchemes.includes(OWN_SCHEME)) throw missing('ECDSA with SHA-256');
    if (!hello.extendedMasterSecret) throw missing('the extended master secret');
    const suite = srtpSuites.find((name) => hello.srtpProfiles.includes(SRTP_SUITES[name].dtlsProfile));
    if (suite === undefined) throw missing(`SRTP with ${srtpSuites.join(' or ')}`);
    shared.suite = suite;
    shared.hear(message);
    const { secrets } = shared;
    secrets.clientRandom = Uint8Array.from(hello.random);
    secrets.serverRandom = random();
    const parameters = Buffer.concat([
      numberBytes(NAMED_CURVE, 1),
      numberBytes(SECP256R1, 2),
      vectorBytes(1, secrets.publicKey),
    ]);
    const signature = signWithOwnScheme(shared.signedParameters(parameters), certificate.privateKey);
    const serverHello = writeServerHello(secrets.serverRandom, SRTP_SUITES[suite].dtlsProfile, hello.renegotiationInfo);
    const messages = [
      shared.write(HANDSHAKE.serverHello, serverHello),
      shared.writeCertificate(),
      shared.write(HANDSHAKE.serverKeyExchange, Buffer.concat([parameters, writeSignature(OWN_SCHEME, signature)])),
      shared.write(HANDSHAKE.certificateRequest, certificateRequest()),
      shared.write(HANDSHAKE.serverHelloDone, new Uint8Array(0)),
    ];
    this.#expected = HANDSHAKE.certificate;
    return { parts: flightOf(messages, null), isLast: false };
  }
}

/** Without names of authorities: the certificate is self-signed. */
function certificateRequest(): Uint8Array {
  const schemes = vectorBytes(2, numbers16Bytes(SIGNATURE_SCHEMES));
  return Buffer.concat([vectorBytes(1, CERTIFICATE_TYPES), schemes, vectorBytes(2)]);
}
