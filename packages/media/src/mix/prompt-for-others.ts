import { RateConverter } from '../dsp/rate-converter.ts';
import { NARROW_FRAME, WIDE_FRAME } from '../session/frame-stage.ts';
import type { MixInput } from './mix.ts';
import { HISTORY, IN_MIX, type Voice } from './mix-member.ts';
import type { RoomPrompt } from './room-prompt.ts';
import { addTo, clampInto } from './samples.ts';

/** Frames until listeners who are late have no sound of the prompt any more, which the filter between the rates prolongs. */
const SILENT_FRAMES = HISTORY + 1;

// One at a time uses it: a worker runs one mix after the other.
const frame = new Int32Array(NARROW_FRAME);

/** A prompt that keeps its last frames at both rates, so that one listener can take it out of what is heard. */
export class PromptForOthers implements MixInput, Voice {
  readonly narrow = new Int16Array(HISTORY * NARROW_FRAME);
  readonly wide = new Int16Array(HISTORY * WIDE_FRAME);
  readonly sounds = new Uint8Array(HISTORY).fill(IN_MIX);
  readonly #prompt: RoomPrompt;
  readonly #onSilent: () => void;
  readonly #up = new RateConverter(8000, 16_000);
  #silentFrames = 0;

  /** `onSilent`: nothing of it is heard any more. */
  constructor(prompt: RoomPrompt, onSilent: () => void) {
    this.#prompt = prompt;
    this.#onSilent = onSilent;
  }

  add(sum: Int32Array, at: number): boolean {
    const { narrow, wide } = this;
    frame.fill(0);
    if (this.#silentFrames > 0 || !this.#prompt.add(frame, 0)) this.#silentFrames++;
    clampInto(frame, 0, narrow, at, NARROW_FRAME);
    addTo(sum, at, narrow, at, NARROW_FRAME);
    this.#up.process(narrow, at, NARROW_FRAME, wide, (at / NARROW_FRAME) * WIDE_FRAME);
    if (this.#silentFrames <= SILENT_FRAMES) return true;
    this.#onSilent();
    return false;
  }
}
