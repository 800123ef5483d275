import { SRTP_SUITES } from '../srtp/suite.ts';
import { ByteReader } from './byte-reader.ts';
import { vectorBytes } from './byte-writer.ts';
import { ALERT, DtlsFailure } from './failure.ts';
import { flightOf } from './flight.ts';
import { type Flight, Handshake, type HandshakeOptions, writeSignature } from './handshake.ts';
import { HANDSHAKE, type HandshakeMessage } from './handshake-message.ts';
import {
  ECDHE_ECDSA_AES_128_GCM,
  ECDHE_RSA_AES_128_GCM,
  readHelloVerifyRequest,
  readServerHello,
  SECP256R1,
  writeClientHello,
} from './hello.ts';
import { OWN_SCHEME, signWithOwnScheme } from './signature.ts';

const NAMED_CURVE = 3;
const CERTIFICATE_AND_KEY = [HANDSHAKE.certificate, HANDSHAKE.serverKeyExchange];

/** The active side (RFC 5246 §7.3). */
export class ClientHandshake {
  readonly shared: Handshake;
  #expected: readonly number[] = [HANDSHAKE.helloVerifyRequest, HANDSHAKE.serverHello];
  #farPublicKey: Uint8Array = new Uint8Array(0);
  #mustShowCertificate = false;

  constructor(options: HandshakeOptions) {
    this.shared = new Handshake('client', options);
  }

  /** The first flight. */
  start(): Flight {
    this.shared.secrets.clientRandom = this.shared.options.random();
    return this.#hello(new Uint8Array(0));
  }

  /** Takes the far side's next message; the flight that answers it, or null when more must come. */
  handle(message: HandshakeMessage): Flight | null {
    const { shared } = this;
    if (!this.#expected.includes(message.type)) throw shared.unexpected(message);
    switch (message.type) {
      case HANDSHAKE.helloVerifyRequest:
        shared.secrets.forgetMessages();
        this.#expected = [HANDSHAKE.serverHello];
        return this.#hello(Uint8Array.from(readHelloVerifyRequest(message.body)));
      case HANDSHAKE.serverHello:
        this.#readHello(message);
        this.#expected = CERTIFICATE_AND_KEY.slice(0, 1);
        break;
      case HANDSHAKE.certificate:
        shared.readCertificate(message.body);
        this.#expected = CERTIFICATE_AND_KEY.slice(1);
        break;
      case HANDSHAKE.serverKeyExchange:
        this.#readKey(message.body);
        this.#expected = [HANDSHAKE.certificateRequest, HANDSHAKE.serverHelloDone];
        break;
      case HANDSHAKE.certificateRequest:
        this.#mustShowCertificate = true;
        this.#expected = [HANDSHAKE.serverHelloDone];
        break;
      case HANDSHAKE.serverHelloDone:
        shared.hear(message);
        this.#expected = [HANDSHAKE.finished];
        return { parts: this.#answer(), isLast: false };
      default:
        shared.checkFinished(message);
        this.#expected = [];
        shared.isDone = true;
        return null;
    }
    shared.hear(message);
    return null;
  }

  #hello(cookie: Uint8Array): Flight {
    const { secrets, options } = this.shared;
    const profiles = options.srtpSuites.map((name) => SRTP_SUITES[name].dtlsProfile);
    const hello = this.shared.write(HANDSHAKE.clientHello, writeClientHello(secrets.clientRandom, cookie, profiles));
    return { parts: flightOf([hello], null), isLast: false };
  }

  #readHello(message: HandshakeMessage): void {
    const hello = readServerHello(message.body);
    const refused = (what: string) => new DtlsFailure(ALERT.handshakeFailure, `The far side answers ${what}`);
    if (hello.cipherSuite !== ECDHE_ECDSA_AES_128_GCM && hello.cipherSuite !== ECDHE_RSA_AES_128_GCM) {
      throw refused('with a cipher suite that was not offered');
    }
    if (!hello.extendedMasterSecret) throw refused('without the extended master secret');
    const suite = this.shared.options.srtpSuites.find(
      (name) => SRTP_SUITES[name].dtlsProfile === hello.srtpProfiles[0] && hello.srtpProfiles.length === 1,
    );
    if (suite === undefined) throw refused('without an SRTP profile of ours');
    this.shared.suite = suite;
    this.shared.secrets.serverRandom = Uint8Array.from(hello.random);
  }

  #readKey(body: Uint8Array): void {
    const reader = new ByteReader(body);
    if (reader.number(1) !== NAMED_CURVE || reader.number(2) !== SECP256R1) {
      throw new DtlsFailure(ALERT.handshakeFailure, 'The far side uses a curve that was not offered');
    }
    this.#farPublicKey = Uint8Array.from(reader.vector(1));
    const parameters = body.subarray(0, body.length - reader.left);
    this.shared.checkSignature(reader, this.shared.signedParameters(parameters));
  }

  #answer(): Flight['parts'] {
    const { shared } = this;
    const messages: Uint8Array[] = [];
    if (this.#mustShowCertificate) messages.push(shared.writeCertificate());
    messages.push(shared.write(HANDSHAKE.clientKeyExchange, vectorBytes(1, shared.secrets.publicKey)));
    shared.secrets.agree(this.#farPublicKey);
    if (this.#mustShowCertificate) {
      const signature = signWithOwnScheme(shared.secrets.transcript, shared.options.certificate.privateKey);
      messages.push(shared.write(HANDSHAKE.certificateVerify, writeSignature(OWN_SCHEME, signature)));
    }
    return shared.finish(messages);
  }
}
