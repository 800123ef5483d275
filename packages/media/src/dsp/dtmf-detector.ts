import { sineAmplitude } from './dbm0.ts';
import { DTMF_COLUMNS_HZ, DTMF_KEYS, DTMF_ROWS_HZ } from './dtmf-digits.ts';
import { GoertzelBank } from './goertzel.ts';

export type DtmfDetectorOptions = {
  /** Rate of the samples given to `process`; 8000 Hz or more. */
  sampleRateHz: number;
};

// A window resolves neighbouring rows (73 Hz apart) and still fits three times into the shortest digit.
const WINDOW_MS = 12.75;
/** Windows half a window apart that must show one key: at least four lie inside 40 ms, at most three touch 23 ms. */
const WINDOWS_TO_ACCEPT = 4;
/** Windows without the key that end it: an interruption of 10 ms spoils at most three, a pause of 40 ms at least six. */
const WINDOWS_TO_RELEASE = 5;

// Levels of ITU-T Q.24 table A-1 with room for measuring errors: tones of -25 dBm0, the row up to 8 dB above the column
// and the column up to 4 dB above the row must be taken.
const FLOOR_DBM0 = -29;
const ROW_OVER_COLUMN = 10 ** (10.5 / 10);
const COLUMN_OVER_ROW = 10 ** (6.5 / 10);
/** The strongest frequency of a group stands this far above the others of its group. */
const PEAK_OVER_OTHERS = 10 ** (6 / 10);
/** A second harmonic above this part of its fundamental means voice or music. */
const HARMONIC_LIMIT = 10 ** (-10 / 10);
/** Part of the window's energy in the two tones: 1 for a pure pair, 0.8 for one 1.5 % off frequency. */
const SHARE_OF_WINDOW = 0.6;
/** The same over the windows that make a digit; voice that passes one window does not hold it. */
const SHARE_OF_DIGIT = 0.7;
/** A row's second harmonic this near to the column cannot be told from it. */
const INSEPARABLE_HZ = 150;

/**
 * Finds DTMF digits in linear samples by Goertzel filters over half-overlapping windows, within the limits of ITU-T Q.24:
 * tones of 40 ms and more are digits and those under 20 ms are not, an interruption of up to 10 ms does not split a digit,
 * a pause of 40 ms does. Voice is kept out by the share of energy in the pair, twist, second harmonics and persistence.
 *
 * One instance serves one stream. Nothing is allocated after construction.
 */
export class DtmfDetector {
  readonly #window: Float64Array;
  readonly #hop: number;
  readonly #floorPower: number;
  readonly #rows: GoertzelBank;
  readonly #columns: GoertzelBank;
  readonly #rowHarmonics: GoertzelBank;
  readonly #columnHarmonics: GoertzelBank;
  #filled = 0;
  #share = 0;
  #candidate = -1;
  #hits = 0;
  #shareOfHits = 0;
  #held = -1;
  #misses = 0;

  constructor({ sampleRateHz }: DtmfDetectorOptions) {
    if (!(sampleRateHz >= 8000)) {
      throw new RangeError(`DTMF detection needs a sample rate of at least 8000 Hz, not ${sampleRateHz}`);
    }
    const length = 2 * Math.round((WINDOW_MS * sampleRateHz) / 2000);
    this.#window = new Float64Array(length);
    this.#hop = length / 2;
    this.#floorPower = ((sineAmplitude(FLOOR_DBM0) * length) / 2) ** 2;
    this.#rows = new GoertzelBank(DTMF_ROWS_HZ, sampleRateHz);
    this.#columns = new GoertzelBank(DTMF_COLUMNS_HZ, sampleRateHz);
    this.#rowHarmonics = new GoertzelBank(
      DTMF_ROWS_HZ.map((hz) => 2 * hz),
      sampleRateHz,
    );
    this.#columnHarmonics = new GoertzelBank(
      DTMF_COLUMNS_HZ.map((hz) => 2 * hz),
      sampleRateHz,
    );
  }

  /**
   * Takes the next `n` samples from `offset`. Returns the digits that became certain within them, almost always `''`;
   * a digit is reported once, 32 to 45 ms after it began.
   */
  process(samples: Int16Array, offset: number, n: number): string {
    const window = this.#window;
    let digits = '';
    for (let i = offset; i < offset + n; i++) {
      window[this.#filled++] = samples[i] as number;
      if (this.#filled < window.length) continue;
      const digit = this.#follow(this.#recognise());
      if (digit !== '') digits += digit;
      window.copyWithin(0, this.#hop);
      this.#filled = window.length - this.#hop;
    }
    return digits;
  }

  /** Forgets everything heard, for a new stream. */
  reset(): void {
    this.#filled = 0;
    this.#candidate = -1;
    this.#hits = 0;
    this.#held = -1;
    this.#misses = 0;
  }

  /** The index of the key that fills the window, or -1. */
  #recognise(): number {
    const window = this.#window;
    let energy = 0;
    for (let i = 0; i < window.length; i++) energy += (window[i] as number) ** 2;
    // The energy in the scale of a filter's power: that of a lone sine at the filter's frequency.
    const total = (energy * window.length) / 2;
    if (total < 2 * this.#floorPower) return -1;

    const rows = this.#rows.measure(window);
    const row = this.#rows.strongest;
    const rowPower = rows[row] as number;
    if (rowPower < this.#floorPower || rowPower * (1 + COLUMN_OVER_ROW) < total * SHARE_OF_WINDOW) return -1;
    if (!this.#rows.standsOut(PEAK_OVER_OTHERS)) return -1;

    const columns = this.#columns.measure(window);
    const column = this.#columns.strongest;
    const columnPower = columns[column] as number;
    if (columnPower < this.#floorPower || !this.#columns.standsOut(PEAK_OVER_OTHERS)) return -1;
    if (rowPower > columnPower * ROW_OVER_COLUMN || columnPower > rowPower * COLUMN_OVER_ROW) return -1;

    this.#share = (rowPower + columnPower) / total;
    if (this.#share < SHARE_OF_WINDOW) return -1;
    if (this.#columnHarmonics.power(window, column) > columnPower * HARMONIC_LIMIT) return -1;
    const rowHarmonicHz = 2 * (DTMF_ROWS_HZ[row] as number);
    if (
      Math.abs(rowHarmonicHz - (DTMF_COLUMNS_HZ[column] as number)) > INSEPARABLE_HZ &&
      this.#rowHarmonics.power(window, row) > rowPower * HARMONIC_LIMIT
    ) {
      return -1;
    }
    return row * 4 + column;
  }

  /** Turns the keys of successive windows into digits; the digit this window makes certain, or `''`. */
  #follow(key: number): string {
    if (key === this.#held && key >= 0) {
      this.#misses = 0;
    } else if (this.#held >= 0 && ++this.#misses >= WINDOWS_TO_RELEASE) {
      this.#held = -1;
    }
    if (key < 0 || key === this.#held) {
      this.#candidate = -1;
      return '';
    }
    if (key !== this.#candidate) {
      this.#candidate = key;
      this.#hits = 0;
      this.#shareOfHits = 0;
    }
    this.#hits++;
    this.#shareOfHits += this.#share;
    if (this.#hits < WINDOWS_TO_ACCEPT) return '';
    if (this.#shareOfHits < SHARE_OF_DIGIT * this.#hits) return '';
    this.#candidate = -1;
    this.#held = key;
    this.#misses = 0;
    return DTMF_KEYS.charAt(key);
  }
}
