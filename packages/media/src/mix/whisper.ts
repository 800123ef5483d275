import { HISTORY, type MixMember, type Voice, WHISPERED } from './mix-member.ts';

/** A coach's voice as the one member hears it who does. */
export interface Whisper extends Voice {
  /** Makes the next frame, in `slot`. */
  read(slot: number): void;
  /** It is to be heard no more; it fades out. */
  end(): void;
  /** The last of it is out of everybody's reach. */
  readonly isOver: boolean;
}

/** A coach on the listener's own worker. */
export class LocalWhisper implements Whisper {
  readonly narrow: Int16Array;
  readonly wide: Int16Array;
  readonly sounds = new Uint8Array(HISTORY);
  readonly #coach: MixMember;
  /** The next frame still fades out for whoever heard the coach before. */
  #isSoon = true;
  #isEnding = false;
  #framesAfter = 0;

  constructor(coach: MixMember) {
    this.narrow = coach.narrow;
    this.wide = coach.wide;
    this.#coach = coach;
  }

  get isOver(): boolean {
    return this.#framesAfter > HISTORY;
  }

  read(slot: number): void {
    const isHeard = !this.#isSoon && this.#framesAfter === 0;
    this.sounds[slot] = isHeard && this.#coach.sounds[slot] === WHISPERED ? WHISPERED : 0;
    this.#isSoon = false;
    // The frame after the end is the one in which the coach fades out.
    if (this.#isEnding) this.#framesAfter++;
  }

  end(): void {
    this.#isEnding = true;
  }
}
