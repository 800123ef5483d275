import { CONTENT_TYPE, type DtlsRecord, type RecordCipher, writeRecord } from './record.ts';

/** One part of a flight, to be put into records. */
export interface FlightPart {
  type: number;
  fragment: Uint8Array;
  encrypted: boolean;
}

const CHANGE_CIPHER_SPEC: FlightPart = {
  type: CONTENT_TYPE.changeCipherSpec,
  fragment: Uint8Array.of(1),
  encrypted: false,
};

/** Datagrams stay below what every path carries. */
const MOST_DATAGRAM_BYTES = 1200;
const FIRST_TIMEOUT_MS = 400;
const LONGEST_TIMEOUT_MS = 6400;
/** A far side that repeats itself is answered, but not more often than this. */
const LEAST_BETWEEN_MS = 100;

/** Sends our flights (RFC 6347 §4.2.4), again and again until the far side's next one is complete. */
export class FlightSender {
  readonly #send: (datagram: Uint8Array) => void;
  readonly #sealing: () => RecordCipher | null;
  readonly #sequences = [0, 0];
  #parts: readonly FlightPart[] = [];
  #timeoutMs = FIRST_TIMEOUT_MS;
  #sentMs = Number.NEGATIVE_INFINITY;
  /** When the flight is due again; null when nothing is waited for. */
  dueMs: number | null = null;

  constructor(send: (datagram: Uint8Array) => void, sealing: () => RecordCipher | null) {
    this.#send = send;
    this.#sealing = sealing;
  }

  /** Sends a flight. `isLast`: no answer follows, so only a repetition of the far side's brings it again. */
  send(parts: readonly FlightPart[], nowMs: number, isLast: boolean): void {
    this.#parts = parts;
    this.#timeoutMs = FIRST_TIMEOUT_MS;
    this.#transmit(nowMs);
    this.dueMs = isLast ? null : nowMs + this.#timeoutMs;
  }

  /** The far side's flight is complete. */
  answered(): void {
    this.dueMs = null;
  }

  /** The far side sent again what we had. */
  repeat(nowMs: number): void {
    if (nowMs - this.#sentMs >= LEAST_BETWEEN_MS) this.#transmit(nowMs);
  }

  tick(nowMs: number): void {
    if (this.dueMs === null || nowMs < this.dueMs) return;
    this.#transmit(nowMs);
    this.#timeoutMs = Math.min(LONGEST_TIMEOUT_MS, this.#timeoutMs * 2);
    this.dueMs = nowMs + this.#timeoutMs;
  }

  /** Sends something once. */
  sendOnce(part: FlightPart): void {
    this.#send(writeRecord(this.#record(part)));
  }

  #transmit(nowMs: number): void {
    this.#sentMs = nowMs;
    let datagram: Uint8Array[] = [];
    let length = 0;
    for (const part of this.#parts) {
      const bytes = writeRecord(this.#record(part));
      if (length > 0 && length + bytes.length > MOST_DATAGRAM_BYTES) {
        this.#send(Buffer.concat(datagram));
        datagram = [];
        length = 0;
      }
      datagram.push(bytes);
      length += bytes.length;
    }
    if (length > 0) this.#send(Buffer.concat(datagram));
  }

  #record({ type, fragment, encrypted }: FlightPart): DtlsRecord {
    const sealing = encrypted ? this.#sealing() : null;
    const epoch = sealing === null ? 0 : 1;
    const sequence = this.#sequences[epoch] as number;
    this.#sequences[epoch] = sequence + 1;
    const record = { type, epoch, sequence, fragment };
    return sealing === null ? record : sealing.seal(record);
  }
}

/** Handshake messages in the clear, and the Finished that follows the change of cipher where there is one. */
export function flightOf(messages: readonly Uint8Array[], finished: Uint8Array | null): FlightPart[] {
  const type = CONTENT_TYPE.handshake;
  const parts: FlightPart[] = messages.map((fragment) => ({ type, fragment, encrypted: false }));
  if (finished !== null) parts.push(CHANGE_CIPHER_SPEC, { type, fragment: finished, encrypted: true });
  return parts;
}
