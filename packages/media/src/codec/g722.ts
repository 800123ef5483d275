import { G722HighBand, G722LowBand } from './g722-band.ts';
import { QmfAnalysis, QmfSynthesis } from './g722-filter-bank.ts';

/**
 * G.722 (ITU-T, 1988 and 2012), 64 kbit/s: 16 kHz sound split into two bands of 8 kHz, each coded by adaptive prediction,
 * 6 bits for the lower and 2 for the upper one. One octet holds two samples.
 *
 *     |  upper  |        lower          |
 *     | 7     6 | 5   4   3   2   1   0 |
 */
export class G722Encoder {
  readonly #split = new QmfAnalysis();
  readonly #low = new G722LowBand();
  readonly #high = new G722HighBand();

  /** Encodes `n` samples, of which there must be an even number. Writes and returns `n / 2` octets. */
  encode(samples: Int16Array, at: number, n: number, target: Uint8Array, targetAt: number): number {
    const split = this.#split;
    const octets = n >> 1;
    for (let i = 0; i < octets; i++) {
      split.push(samples[at + 2 * i] as number, samples[at + 2 * i + 1] as number);
      target[targetAt + i] = (this.#high.quantize(split.high) << 6) | this.#low.quantize(split.low);
    }
    return octets;
  }
}

/** The decoder of {@link G722Encoder}'s octets. */
export class G722StreamDecoder {
  readonly #join = new QmfSynthesis();
  readonly #low = new G722LowBand();
  readonly #high = new G722HighBand();

  /** Decodes `length` octets to twice as many samples, whose number it returns. */
  decode(bytes: Uint8Array, at: number, length: number, target: Int16Array, targetAt: number): number {
    const join = this.#join;
    for (let i = 0; i < length; i++) {
      const code = bytes[at + i] as number;
      join.push(this.#low.reconstruct(code & 63), this.#high.reconstruct(code >> 6));
      target[targetAt + 2 * i] = join.first;
      target[targetAt + 2 * i + 1] = join.second;
    }
    return 2 * length;
  }
}
