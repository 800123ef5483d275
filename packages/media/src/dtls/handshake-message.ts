import { ByteReader, DtlsFormatError } from './byte-reader.ts';
import { numberBytes } from './byte-writer.ts';

/** Types of handshake messages (RFC 5246 §7.4, RFC 6347 §4.3.2). */
export const HANDSHAKE = {
  clientHello: 1,
  serverHello: 2,
  helloVerifyRequest: 3,
  certificate: 11,
  serverKeyExchange: 12,
  certificateRequest: 13,
  serverHelloDone: 14,
  certificateVerify: 15,
  clientKeyExchange: 16,
  finished: 20,
} as const;

/** A whole handshake message. */
export interface HandshakeMessage {
  type: number;
  /** Place in its sender's messages. */
  sequence: number;
  body: Uint8Array;
}

/** Longest message taken: a chain of certificates fits. */
const MOST_BODY_BYTES = 16_384;
/** Messages of a flight that may come before an earlier one. */
const MOST_AHEAD = 8;

/**
 * The message with its header as one fragment (RFC 6347 §4.2.2), which is also the form in which it is hashed (§4.2.6).
 *
 *     type (8) | length (24) | message sequence (16) | fragment offset (24) | fragment length (24) | body
 */
export function writeHandshakeMessage({ type, sequence, body }: HandshakeMessage): Uint8Array {
  const length = numberBytes(body.length, 3);
  return Buffer.concat([numberBytes(type, 1), length, numberBytes(sequence, 2), numberBytes(0, 3), length, body]);
}

interface Partial {
  type: number;
  body: Uint8Array;
  have: Uint8Array;
  missing: number;
}

/** Puts the far side's messages together from fragments, and hands them out in their order. */
export class HandshakeAssembler {
  #next = 0;
  readonly #partials = new Map<number, Partial>();

  /**
   * Takes the content of a handshake record. `repeated`: it holds something that was complete before, so our last flight
   * may have been lost.
   *
   * @throws DtlsFormatError
   */
  add(fragments: Uint8Array): { repeated: boolean } {
    const reader = new ByteReader(fragments);
    let repeated = false;
    while (reader.left > 0) {
      const type = reader.number(1);
      const length = reader.number(3);
      const sequence = reader.number(2);
      const offset = reader.number(3);
      const part = reader.vector(3);
      if (length > MOST_BODY_BYTES || offset + part.length > length)
        throw new DtlsFormatError('A fragment is out of bounds');
      if (sequence < this.#next) repeated = true;
      else if (sequence < this.#next + MOST_AHEAD) this.#put(sequence, type, length, offset, part);
    }
    return { repeated };
  }

  /** The next message once it is whole. */
  take(): HandshakeMessage | null {
    const partial = this.#partials.get(this.#next);
    if (partial === undefined || partial.missing > 0) return null;
    this.#partials.delete(this.#next);
    return { type: partial.type, sequence: this.#next++, body: partial.body };
  }

  #put(sequence: number, type: number, length: number, offset: number, part: Uint8Array): void {
    let partial = this.#partials.get(sequence);
    if (partial === undefined || partial.type !== type || partial.body.length !== length) {
      partial = { type, body: new Uint8Array(length), have: new Uint8Array(length), missing: length };
      this.#partials.set(sequence, partial);
    }
    for (const [i, octet] of part.entries()) {
      if (partial.have[offset + i] === 1) continue;
      partial.have[offset + i] = 1;
      partial.missing--;
      partial.body[offset + i] = octet;
    }
  }
}
