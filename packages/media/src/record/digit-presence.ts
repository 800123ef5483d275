import { sineAmplitude } from '../dsp/dbm0.ts';
import { DTMF_COLUMNS_HZ, DTMF_ROWS_HZ } from '../dsp/dtmf-digits.ts';
import { GoertzelBank } from '../dsp/goertzel.ts';

const WINDOW_MS = 20;
const FLOOR_DBM0 = -36;
/** Part of a window's energy in the strongest row and column together. */
const SHARE_OF_WINDOW = 0.5;
const MAX_TWIST = 10 ** (12 / 10);
/** Only these can be in a window that the tone fills for a part; a voice must be louder to be taken for a key. */
const MIN_SHARE_OF_EACH = 0.05;

/**
 * Says at once whether sound may be a DTMF tone. A detector of digits must be certain and takes 40 ms for it; who hides
 * digits must rather hide a syllable too many. One instance serves one stream; nothing is allocated between changes of rate.
 */
export class DigitPresence {
  #sampleRateHz = 0;
  #window = new Float64Array(0);
  #rows = new GoertzelBank([], 8000);
  #columns = this.#rows;
  #filled = 0;

  /** Takes the next samples. Returns whether one of the windows that they complete sounds like a key. */
  process(samples: Int16Array, at: number, n: number, sampleRateHz: number): boolean {
    if (sampleRateHz !== this.#sampleRateHz) this.#prepare(sampleRateHz);
    const window = this.#window;
    let present = false;
    for (let i = at; i < at + n; i++) {
      window[this.#filled++] = samples[i] as number;
      if (this.#filled < window.length) continue;
      this.#filled = 0;
      present ||= this.#isKey();
    }
    return present;
  }

  #prepare(sampleRateHz: number): void {
    this.#sampleRateHz = sampleRateHz;
    this.#window = new Float64Array((WINDOW_MS * sampleRateHz) / 1000);
    this.#rows = new GoertzelBank(DTMF_ROWS_HZ, sampleRateHz);
    this.#columns = new GoertzelBank(DTMF_COLUMNS_HZ, sampleRateHz);
    this.#filled = 0;
  }

  #isKey(): boolean {
    const window = this.#window;
    let energy = 0;
    for (let i = 0; i < window.length; i++) energy += (window[i] as number) ** 2;
    const total = (energy * window.length) / 2;
    if (total < ((sineAmplitude(FLOOR_DBM0) * window.length) / 2) ** 2) return false;
    this.#rows.measure(window);
    const row = this.#rows.power;
    if (row < total * MIN_SHARE_OF_EACH) return false;
    this.#columns.measure(window);
    const column = this.#columns.power;
    if (row > column * MAX_TWIST || column > row * MAX_TWIST) return false;
    return row + column >= total * SHARE_OF_WINDOW;
  }
}
