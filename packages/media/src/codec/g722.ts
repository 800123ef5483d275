import { G722Band } from './g722-band.ts';
import { MOST_PAIRS, QmfAnalysis, QmfSynthesis } from './g722-filter-bank.ts';

// One at a time uses them.
const low = new Int32Array(MOST_PAIRS);
const high = new Int32Array(MOST_PAIRS);
const lowCodes = new Uint8Array(MOST_PAIRS);
const highCodes = new Uint8Array(MOST_PAIRS);

/**
 * G.722 (ITU-T, 1988 and 2012), 64 kbit/s: 16 kHz sound split into two bands of 8 kHz, each coded by adaptive prediction,
 * 6 bits for the lower and 2 for the upper one. One octet holds two samples.
 *
 *     |  upper  |        lower          |
 *     | 7     6 | 5   4   3   2   1   0 |
 */
export class G722Encoder {
  readonly #split = new QmfAnalysis();
  readonly #low = G722Band.low();
  readonly #high = G722Band.high();

  /** Encodes `n` samples, of which there must be an even number. Writes and returns `n / 2` octets. */
  encode(samples: Int16Array, at: number, n: number, target: Uint8Array, targetAt: number): number {
    const octets = n >> 1;
    for (let done = 0; done < octets; done += MOST_PAIRS) {
      const pairs = Math.min(MOST_PAIRS, octets - done);
      this.#split.split(samples, at + 2 * done, pairs, low, high);
      this.#low.quantize(low, pairs, lowCodes);
      this.#high.quantize(high, pairs, highCodes);
      for (let i = 0; i < pairs; i++) {
        target[targetAt + done + i] = ((highCodes[i] as number) << 6) | (lowCodes[i] as number);
      }
    }
    return octets;
  }
}

/** The decoder of {@link G722Encoder}'s octets. */
export class G722StreamDecoder {
  readonly #join = new QmfSynthesis();
  readonly #low = G722Band.low();
  readonly #high = G722Band.high();

  /** Decodes `length` octets to twice as many samples, whose number it returns. */
  decode(bytes: Uint8Array, at: number, length: number, target: Int16Array, targetAt: number): number {
    for (let done = 0; done < length; done += MOST_PAIRS) {
      const pairs = Math.min(MOST_PAIRS, length - done);
      for (let i = 0; i < pairs; i++) {
        const octet = bytes[at + done + i] as number;
        lowCodes[i] = octet & 63;
        highCodes[i] = octet >> 6;
      }
      this.#low.reconstruct(lowCodes, pairs, low);
      this.#high.reconstruct(highCodes, pairs, high);
      this.#join.join(low, high, pairs, target, targetAt + 2 * done);
    }
    return 2 * length;
  }
}
