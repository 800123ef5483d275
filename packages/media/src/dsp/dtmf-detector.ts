import { sineAmplitude } from './dbm0.ts';
import { DtmfCandidate, type DtmfWindow } from './dtmf-candidate.ts';
import { DTMF_COLUMNS_HZ, DTMF_KEYS, DTMF_ROWS_HZ } from './dtmf-digits.ts';
import { GoertzelBank } from './goertzel.ts';

export type DtmfDetectorOptions = {
  /** Rate of the samples given to `process`; 8000 Hz or more. */
  sampleRateHz: number;
};

// A window resolves neighbouring rows (73 Hz apart) and still fits three times into the shortest digit.
const WINDOW_MS = 12.75;
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
/** A row's second harmonic this near to the column cannot be told from it. */
const INSEPARABLE_HZ = 150;
/** Part of a window's energy in the two tones: 1 for a pure pair, 0.8 for one 1.5 % off frequency. */
const SHARE_OF_WINDOW = 0.6;

/**
 * Finds DTMF digits in linear samples by Goertzel filters over half-overlapping windows, within the limits of ITU-T Q.24:
 * tones of 40 ms and more are digits and those under 20 ms are not, an interruption of up to 10 ms does not split a digit,
 * a pause of 40 ms does. Voice is kept out by the share of energy in the pair, its twist, second harmonics, the exact
 * frequencies (from the phases of successive windows) and persistence.
 *
 * One instance serves one stream. Nothing is allocated after construction.
 */
export class DtmfDetector {
  readonly #samples: Float64Array;
  readonly #hop: number;
  readonly #floorPower: number;
  readonly #rows: GoertzelBank;
  readonly #columns: GoertzelBank;
  readonly #rowHarmonics: GoertzelBank;
  readonly #columnHarmonics: GoertzelBank;
  readonly #candidate: DtmfCandidate;
  readonly #window: DtmfWindow = { key: -1, rowShare: 0, columnShare: 0, rowPhase: 0, columnPhase: 0 };
  #filled = 0;
  #held = -1;
  #misses = 0;

  /** @throws RangeError when the rate is under 8000 Hz, where the highest harmonic would not fit. */
  constructor({ sampleRateHz }: DtmfDetectorOptions) {
    if (!(sampleRateHz >= 8000)) {
      throw new RangeError(`DTMF detection needs a sample rate of at least 8000 Hz, not ${sampleRateHz}`);
    }
    const length = 2 * Math.round((WINDOW_MS * sampleRateHz) / 2000);
    this.#samples = new Float64Array(length);
    this.#hop = length / 2;
    this.#floorPower = ((sineAmplitude(FLOOR_DBM0) * length) / 2) ** 2;
    const bank = (frequenciesHz: readonly number[]) => new GoertzelBank(frequenciesHz, sampleRateHz);
    this.#rows = bank(DTMF_ROWS_HZ);
    this.#columns = bank(DTMF_COLUMNS_HZ);
    this.#rowHarmonics = bank(DTMF_ROWS_HZ.map((hz) => 2 * hz));
    this.#columnHarmonics = bank(DTMF_COLUMNS_HZ.map((hz) => 2 * hz));
    this.#candidate = new DtmfCandidate(sampleRateHz, length, this.#hop);
  }

  /**
   * Takes the next `n` samples from `offset`. Returns the digits that became certain within them, almost always `''`;
   * a digit is reported once, 32 to 40 ms after it began.
   */
  process(samples: Int16Array, offset: number, n: number): string {
    const window = this.#samples;
    const length = window.length;
    let filled = this.#filled;
    let digits = '';
    for (let i = offset; i < offset + n; i++) {
      window[filled++] = samples[i] as number;
      if (filled < length) continue;
      this.#window.key = this.#recognise();
      const digit = this.#follow();
      if (digit !== '') digits += digit;
      window.copyWithin(0, this.#hop);
      filled = length - this.#hop;
    }
    this.#filled = filled;
    return digits;
  }

  /** Forgets everything heard, for a new stream. */
  reset(): void {
    this.#filled = 0;
    this.#held = -1;
    this.#misses = 0;
    this.#candidate.clear();
  }

  /** The index of the key that fills the window, or -1. */
  #recognise(): number {
    const samples = this.#samples;
    let energy = 0;
    for (let i = 0; i < samples.length; i++) energy += (samples[i] as number) ** 2;
    // The energy in the scale of a filter's power: that of a lone sine at the filter's frequency.
    const total = (energy * samples.length) / 2;
    if (total < 2 * this.#floorPower) return -1;

    const row = this.#rows.measure(samples);
    const rowPower = this.#rows.power;
    if (rowPower < this.#floorPower || rowPower * (1 + COLUMN_OVER_ROW) < total * SHARE_OF_WINDOW) return -1;
    if (!this.#rows.standsOut(PEAK_OVER_OTHERS)) return -1;

    const column = this.#columns.measure(samples);
    const columnPower = this.#columns.power;
    if (columnPower < this.#floorPower || !this.#columns.standsOut(PEAK_OVER_OTHERS)) return -1;
    if (rowPower > columnPower * ROW_OVER_COLUMN || columnPower > rowPower * COLUMN_OVER_ROW) return -1;
    if (rowPower + columnPower < total * SHARE_OF_WINDOW) return -1;
    if (this.#hasHarmonics(row, rowPower, column, columnPower)) return -1;

    this.#window.rowShare = rowPower / total;
    this.#window.columnShare = columnPower / total;
    this.#window.rowPhase = this.#rows.phase;
    this.#window.columnPhase = this.#columns.phase;
    return row * 4 + column;
  }

  #hasHarmonics(row: number, rowPower: number, column: number, columnPower: number): boolean {
    const samples = this.#samples;
    if (this.#columnHarmonics.measureOne(samples, column) > columnPower * HARMONIC_LIMIT) return true;
    const apartHz = Math.abs(2 * (DTMF_ROWS_HZ[row] as number) - (DTMF_COLUMNS_HZ[column] as number));
    return apartHz > INSEPARABLE_HZ && this.#rowHarmonics.measureOne(samples, row) > rowPower * HARMONIC_LIMIT;
  }

  /** Turns the keys of successive windows into digits; the digit this window makes certain, or `''`. */
  #follow(): string {
    const { key } = this.#window;
    if (key >= 0 && key === this.#held) {
      this.#misses = 0;
    } else if (this.#held >= 0 && ++this.#misses >= WINDOWS_TO_RELEASE) {
      this.#held = -1;
    }
    if (key < 0 || key === this.#held) {
      this.#candidate.clear();
      return '';
    }
    if (!this.#candidate.add(this.#window)) return '';
    this.#candidate.clear();
    this.#held = key;
    this.#misses = 0;
    return DTMF_KEYS.charAt(key);
  }
}
