import type { PlaybackOutcome } from '../session/events.ts';
import { NARROW_FRAME } from '../session/frame-stage.ts';
import type { MixInput } from './mix.ts';
import { addRamped, addTo } from './samples.ts';

/** Plays a prompt into a mix, once. */
export class RoomPrompt implements MixInput {
  readonly #samples: Int16Array;
  readonly #onEnd: (outcome: PlaybackOutcome) => void;
  #position = 0;
  #stopped = false;

  /** `samples` at 8 kHz. */
  constructor(samples: Int16Array, onEnd: (outcome: PlaybackOutcome) => void) {
    this.#samples = samples;
    this.#onEnd = onEnd;
  }

  /** Ends with a fade in the next frame. */
  stop(): void {
    this.#stopped = true;
  }

  add(sum: Int32Array, at: number): boolean {
    const n = Math.min(NARROW_FRAME, this.#samples.length - this.#position);
    if (this.#stopped) addRamped(sum, at, this.#samples, this.#position, n, 1, 0, NARROW_FRAME >> 1);
    else addTo(sum, at, this.#samples, this.#position, n);
    this.#position += n;
    if (!this.#stopped && this.#position < this.#samples.length) return true;
    this.#onEnd(this.#stopped ? 'stopped' : 'completed');
    return false;
  }
}
