import { DTMF_COLUMNS_HZ, DTMF_ROWS_HZ } from './dtmf-digits.ts';

/** What one window showed of a key. */
export type DtmfWindow = {
  /** Index of the key: 4 · row + column; -1 when the window shows none. */
  key: number;
  /** Part of the window's energy on the row frequency. */
  rowShare: number;
  /** Part of the window's energy on the column frequency. */
  columnShare: number;
  /** Phase of the row frequency at the window's end, in radians. */
  rowPhase: number;
  /** Phase of the column frequency at the window's end, in radians. */
  columnPhase: number;
};

/** Windows half a window apart that must show one key: at least four lie inside 40 ms, at most three touch 20 ms. */
const WINDOWS_TO_ACCEPT = 4;
/** ITU-T Q.24: 1.5 % off is a digit, 3.5 % off is not. */
const FREQUENCY_TOLERANCE = 0.02;
/**
 * Part of the energy that the pair must have, once the loss of the filters at the true frequencies is made good: then even
 * an off-frequency pair comes close to 1, and voice, which shares its energy among many harmonics, does not.
 */
const SHARE_OF_DIGIT = 0.8;

/** Gathers successive windows that show one key until it is certain that a key was pressed. */
export class DtmfCandidate {
  readonly #sampleRateHz: number;
  readonly #windowLength: number;
  readonly #hop: number;
  #key = -1;
  #windows = 0;
  #rowShare = 0;
  #columnShare = 0;
  #rowDriftHz = 0;
  #columnDriftHz = 0;
  #rowPhase = 0;
  #columnPhase = 0;

  constructor(sampleRateHz: number, windowLength: number, hop: number) {
    this.#sampleRateHz = sampleRateHz;
    this.#windowLength = windowLength;
    this.#hop = hop;
  }

  /** Drops what was gathered. */
  clear(): void {
    this.#key = -1;
  }

  /** Takes the next window, which shows a key. Returns whether the key is certain now. */
  add(window: DtmfWindow): boolean {
    const rowHz = DTMF_ROWS_HZ[window.key >> 2] as number;
    const columnHz = DTMF_COLUMNS_HZ[window.key & 3] as number;
    if (window.key === this.#key) {
      this.#rowDriftHz += this.#drift(window.rowPhase - this.#rowPhase, rowHz);
      this.#columnDriftHz += this.#drift(window.columnPhase - this.#columnPhase, columnHz);
    } else {
      this.#key = window.key;
      this.#windows = 0;
      this.#rowShare = 0;
      this.#columnShare = 0;
      this.#rowDriftHz = 0;
      this.#columnDriftHz = 0;
    }
    this.#windows++;
    this.#rowShare += window.rowShare;
    this.#columnShare += window.columnShare;
    this.#rowPhase = window.rowPhase;
    this.#columnPhase = window.columnPhase;
    return this.#windows >= WINDOWS_TO_ACCEPT && this.#certain(rowHz, columnHz);
  }

  #certain(rowHz: number, columnHz: number): boolean {
    const rowOffHz = this.#rowDriftHz / (this.#windows - 1);
    const columnOffHz = this.#columnDriftHz / (this.#windows - 1);
    if (Math.abs(rowOffHz) > rowHz * FREQUENCY_TOLERANCE) return false;
    if (Math.abs(columnOffHz) > columnHz * FREQUENCY_TOLERANCE) return false;
    const share = this.#rowShare / this.#response(rowOffHz) + this.#columnShare / this.#response(columnOffHz);
    return share >= SHARE_OF_DIGIT * this.#windows;
  }

  /** How far from its nominal frequency a line is, by the advance of its phase over one hop. */
  #drift(phaseAdvance: number, nominalHz: number): number {
    const turns = phaseAdvance / (2 * Math.PI) - (nominalHz * this.#hop) / this.#sampleRateHz;
    return ((turns - Math.round(turns)) * this.#sampleRateHz) / this.#hop;
  }

  /** Power response of a filter this far from its frequency: the main lobe of the window's transform. */
  #response(offHz: number): number {
    const x = (Math.PI * offHz * this.#windowLength) / this.#sampleRateHz;
    return x === 0 ? 1 : (Math.sin(x) / x) ** 2;
  }
}
