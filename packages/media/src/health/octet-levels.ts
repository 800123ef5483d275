import { decodeAlaw, decodeMulaw } from '../codec/g711.ts';

/** One octet of so many is looked at. */
const STRIDE = 4;
/** From here on a sample is at the end of the scale of its law. */
export const FULL_SCALE = 32_000;
/** Part of the octets at the end of the scale from which on the sound is cut off there. */
export const CLIPPED_PART = 0.05;

interface Law {
  squares: Float64Array;
  full: Uint8Array;
}

function lawOf(expand: typeof decodeMulaw): Law {
  const values = new Int16Array(256);
  expand(
    Uint8Array.from({ length: 256 }, (_, i) => i),
    0,
    values,
    0,
    256,
  );
  return {
    squares: Float64Array.from(values, (value) => value * value),
    full: Uint8Array.from(values, (value) => (Math.abs(value) >= FULL_SCALE ? 1 : 0)),
  };
}

const MULAW = lawOf(decodeMulaw);
const ALAW = lawOf(decodeAlaw);

/** How loud a packet of G.711 is, from a few of its octets and a table. One at a time: the result is reused. */
export class OctetLevels {
  /** Mean square of 16-bit samples. */
  power = 0;
  clipped = false;

  measure(codec: 'PCMU' | 'PCMA', bytes: Uint8Array, at: number, length: number): void {
    const { squares, full } = codec === 'PCMU' ? MULAW : ALAW;
    let sum = 0;
    let atEnd = 0;
    let count = 0;
    for (let i = at; i < at + length; i += STRIDE) {
      const octet = bytes[i] as number;
      sum += squares[octet] as number;
      atEnd += full[octet] as number;
      count++;
    }
    this.power = count === 0 ? 0 : sum / count;
    this.clipped = atEnd > count * CLIPPED_PART;
  }
}
