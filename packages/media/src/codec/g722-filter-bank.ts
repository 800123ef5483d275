/** Half of the 24 coefficients of the quadrature mirror filters (G.722 table 11): every second one; the rest mirror them. */
const EVEN_TAPS = Int32Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);
const TAPS = 24;
/** Samples kept before the newest are moved to the front: moving at each of them would cost more than the filter. */
const LINE = 1024;

function clamp16(value: number): number {
  return value > 32_767 ? 32_767 : value < -32_768 ? -32_768 : value;
}

/** A delay line of which the newest 24 samples are filtered. */
class FilterPair {
  readonly #line = new Int32Array(LINE);
  #end = TAPS;
  even = 0;
  odd = 0;

  push(first: number, second: number): void {
    const line = this.#line;
    if (this.#end === LINE) {
      line.copyWithin(0, LINE - TAPS, LINE);
      this.#end = TAPS;
    }
    line[this.#end++] = first;
    line[this.#end++] = second;
    const start = this.#end - TAPS;
    let even = 0;
    let odd = 0;
    for (let i = 0; i < 12; i++) {
      const tap = EVEN_TAPS[i] as number;
      even += (line[start + 2 * i] as number) * tap;
      odd += (line[start + TAPS - 1 - 2 * i] as number) * tap;
    }
    this.even = even;
    this.odd = odd;
  }
}

/** Splits 16 kHz sound into two bands of 8 kHz each (G.722 §3.1). */
export class QmfAnalysis {
  readonly #filters = new FilterPair();
  low = 0;
  high = 0;

  /** Takes two samples and gives one of each band. */
  push(first: number, second: number): void {
    const filters = this.#filters;
    filters.push(first, second);
    this.low = (filters.odd + filters.even) >> 14;
    this.high = (filters.odd - filters.even) >> 14;
  }
}

/** Joins the two bands again (G.722 §4.4). With the analysis before it, sound comes out 22 samples late. */
export class QmfSynthesis {
  readonly #filters = new FilterPair();
  first = 0;
  second = 0;

  /** Takes one sample of each band and gives two. */
  push(low: number, high: number): void {
    const filters = this.#filters;
    filters.push(low + high, low - high);
    this.first = clamp16(filters.odd >> 11);
    this.second = clamp16(filters.even >> 11);
  }
}
