/** A big-endian number. */
export function numberBytes(value: number, octets: number): Uint8Array {
  const bytes = Buffer.alloc(octets);
  bytes.writeUIntBE(value, 0, octets);
  return bytes;
}

/** Content behind its length, which is itself of `lengthOctets`. */
export function vectorBytes(lengthOctets: number, ...content: Uint8Array[]): Uint8Array {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([numberBytes(length, lengthOctets), ...content]);
}

/** 16-bit numbers, one behind the other. */
export function numbers16Bytes(numbers: readonly number[]): Uint8Array {
  return Buffer.concat(numbers.map((number) => numberBytes(number, 2)));
}
