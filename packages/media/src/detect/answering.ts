import type { AnsweringReason, Finding } from './finding.ts';
import { FRAME_MS } from './frame-reader.ts';

/** How person and machine are told apart; the names are those of the well-known AMD applications. */
export interface AnsweringOptions {
  /** Silence from the start that only a machine keeps. Default 2500. */
  initialSilenceMs: number;
  /** Speech, pauses not counted, beyond which it is a machine. Default 1500. */
  greetingMs: number;
  /** Silence behind a short greeting that tells a person. Default 800. */
  afterGreetingSilenceMs: number;
  /** Longest time to decide. Default 5000. */
  totalAnalysisTimeMs: number;
  /** Shorter sounds are no words. Default 100. */
  minWordLengthMs: number;
  /** Silence that parts words. Default 50. */
  betweenWordsSilenceMs: number;
  /** So many words are a machine's. Default 3. */
  maximumNumberOfWords: number;
  /** What to say when the time is over undecided. Default `live_person`. */
  undecidedAs: 'live_person' | 'answering_machine';
}

/** The defaults. */
export const ANSWERING_DEFAULTS: Readonly<AnsweringOptions> = {
  initialSilenceMs: 2500,
  greetingMs: 1500,
  afterGreetingSilenceMs: 800,
  totalAnalysisTimeMs: 5000,
  minWordLengthMs: 100,
  betweenWordsSilenceMs: 50,
  maximumNumberOfWords: 3,
  undecidedAs: 'live_person',
};

/** Decides by how the far side answers whether a person or a machine did: people say a word and wait. */
export class AnsweringDetector {
  readonly #options: AnsweringOptions;
  #decided = false;
  #elapsedMs = 0;
  #silenceMs = 0;
  #voiceMs = 0;
  #greetingMs = 0;
  #words = 0;
  #inWord = false;

  constructor(options: Partial<AnsweringOptions> = {}) {
    this.#options = { ...ANSWERING_DEFAULTS, ...options };
  }

  /** Takes the next frame: whether it is voiced. Returns the decision, once. */
  accept(voiced: boolean): Finding | null {
    if (this.#decided) return null;
    this.#elapsedMs += FRAME_MS;
    const finding = voiced ? this.#hearVoice() : this.#hearSilence();
    if (finding !== null) return finding;
    if (this.#elapsedMs < this.#options.totalAnalysisTimeMs) return null;
    return this.#decide(this.#options.undecidedAs, 'total_time');
  }

  /** A beep: only machines have one. */
  hearBeep(): Finding | null {
    return this.#decided ? null : this.#decide('answering_machine', 'beep');
  }

  /** It is a fax, neither person nor machine. */
  give(): void {
    this.#decided = true;
  }

  #hearVoice(): Finding | null {
    const { minWordLengthMs, maximumNumberOfWords, greetingMs } = this.#options;
    this.#silenceMs = 0;
    this.#voiceMs += FRAME_MS;
    if (this.#voiceMs < minWordLengthMs) return null;
    if (this.#inWord) {
      this.#greetingMs += FRAME_MS;
    } else {
      this.#inWord = true;
      this.#words++;
      this.#greetingMs += this.#voiceMs;
    }
    if (this.#words >= maximumNumberOfWords) return this.#decide('answering_machine', 'many_words');
    return this.#greetingMs >= greetingMs ? this.#decide('answering_machine', 'long_greeting') : null;
  }

  #hearSilence(): Finding | null {
    const { betweenWordsSilenceMs, initialSilenceMs, afterGreetingSilenceMs } = this.#options;
    this.#silenceMs += FRAME_MS;
    if (this.#silenceMs >= betweenWordsSilenceMs) {
      this.#inWord = false;
      this.#voiceMs = 0;
    }
    if (this.#words === 0) {
      return this.#silenceMs >= initialSilenceMs ? this.#decide('answering_machine', 'initial_silence') : null;
    }
    return this.#silenceMs >= afterGreetingSilenceMs ? this.#decide('live_person', 'short_greeting') : null;
  }

  #decide(kind: 'live_person' | 'answering_machine', reason: AnsweringReason): Finding {
    this.#decided = true;
    return { kind, atMs: this.#elapsedMs, reason };
  }
}
