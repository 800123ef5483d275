/** A message that does not keep its format. */
export class DtlsFormatError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'DtlsFormatError';
  }
}

/** Reads big-endian numbers and vectors with a length before them (RFC 8446 §3.4). All reads throw {@link DtlsFormatError}. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** A number of 1 to 6 octets. */
  number(octets: number): number {
    let value = 0;
    for (const octet of this.take(octets)) value = value * 256 + octet;
    return value;
  }

  take(length: number): Uint8Array {
    if (length > this.left) throw new DtlsFormatError(`${length} octets are announced, ${this.left} are there`);
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  /** Octets behind their number, which is itself of `lengthOctets`. */
  vector(lengthOctets: number): Uint8Array {
    return this.take(this.number(lengthOctets));
  }

  /** 16-bit numbers behind their length in octets. */
  numbers16(lengthOctets: number): number[] {
    const reader = new ByteReader(this.vector(lengthOctets));
    const numbers: number[] = [];
    while (reader.left > 0) numbers.push(reader.number(2));
    return numbers;
  }
}
