import { RateConverter } from '../dsp/rate-converter.ts';

/** Those that stay late are not made up for. */
const MAX_LATE_PIECES = 15;
/** Longest piece put at once. */
const MAX_PIECE_MS = 250;

/**
 * One side's sound on the time line of a recording: what comes is put at its time, gaps are silence. It keeps a short
 * stretch, from which it is taken piece by piece; all positions count samples at the track's rate from the start.
 */
export class Track {
  readonly #ring: Int16Array;
  readonly #mask: number;
  readonly #tremble: number;
  readonly #stall: number;
  readonly #sampleRateHz: number;
  readonly #converted: Int16Array;
  #converter: RateConverter | null = null;
  #converterRateHz = 0;
  #taken = 0;
  #end = 0;
  /** Nothing came yet, so that the first piece finds its place at once. */
  #latePieces = MAX_LATE_PIECES;

  /**
   * @param trembleMs frames within this of where they should be are put behind the one before: clocks tremble, sound must
   *   not.
   * @param stallMs frames later than that, too: a worker that stood still makes up for it with one behind the other. 0: times
   *   are exact.
   * @param holdMs the longest stretch between what was taken and what comes.
   */
  constructor(sampleRateHz: number, trembleMs: number, stallMs: number, holdMs: number) {
    this.#sampleRateHz = sampleRateHz;
    const needed = ((holdMs + trembleMs + MAX_PIECE_MS) * sampleRateHz) / 1000;
    const capacity = 2 ** Math.ceil(Math.log2(needed));
    this.#ring = new Int16Array(capacity);
    this.#mask = capacity - 1;
    this.#tremble = (trembleMs * sampleRateHz) / 1000;
    this.#stall = (stallMs * sampleRateHz) / 1000;
    this.#converted = new Int16Array((MAX_PIECE_MS * sampleRateHz) / 1000 + 16);
  }

  /** Where the sound that came so far ends. */
  get end(): number {
    return this.#end;
  }

  /** Puts `n` samples of any rate, whose first belongs at `position`. Sound from before what was taken is dropped. */
  put(samples: Int16Array, at: number, n: number, sampleRateHz: number, position: number): void {
    const length = Math.min(n, (MAX_PIECE_MS * sampleRateHz) / 1000);
    if (sampleRateHz === this.#sampleRateHz) {
      this.#place(samples, at, length, position);
      return;
    }
    if (this.#converter === null || this.#converterRateHz !== sampleRateHz) {
      this.#converter = new RateConverter(sampleRateHz, this.#sampleRateHz);
      this.#converterRateHz = sampleRateHz;
    }
    const made = this.#converter.process(samples, at, length, this.#converted, 0);
    this.#place(this.#converted, 0, made, position);
  }

  /** Makes what came from `from` up to `to` silent, as far as it was not taken yet. */
  silence(from: number, to: number): void {
    for (let i = Math.max(from, this.#taken); i < Math.min(to, this.#end); i++) this.#ring[i & this.#mask] = 0;
  }

  /** Writes the next `n` samples to every `stride`th place of `target`, mixed with what is there. */
  take(n: number, target: Int16Array, targetAt: number, stride: number): void {
    const ring = this.#ring;
    const mask = this.#mask;
    const present = Math.max(0, Math.min(n, this.#end - this.#taken));
    let place = targetAt;
    for (let i = this.#taken; i < this.#taken + present; i++) {
      const sum = (target[place] as number) + (ring[i & mask] as number);
      target[place] = sum > 32_767 ? 32_767 : sum < -32_768 ? -32_768 : sum;
      place += stride;
    }
    this.#taken += n;
    if (this.#end < this.#taken) this.#end = this.#taken;
  }

  #place(samples: Int16Array, at: number, n: number, position: number): void {
    const drift = position - this.#end;
    // Twice at once: more sound than time.
    if (drift < -this.#tremble) return;
    this.#latePieces = drift > this.#tremble ? this.#latePieces + 1 : 0;
    if (this.#latePieces > 0 && (drift > this.#stall || this.#latePieces > MAX_LATE_PIECES)) this.#fill(position);
    const room = this.#taken + this.#ring.length - this.#end;
    const length = Math.min(n, room);
    const ring = this.#ring;
    const mask = this.#mask;
    for (let i = 0; i < length; i++) ring[(this.#end + i) & mask] = samples[at + i] as number;
    this.#end += length;
  }

  #fill(position: number): void {
    const until = Math.min(position, this.#taken + this.#ring.length);
    for (let i = this.#end; i < until; i++) this.#ring[i & this.#mask] = 0;
    this.#end = until;
  }
}
