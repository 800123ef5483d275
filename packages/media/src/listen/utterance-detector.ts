import { SpeechDetector } from '../detect/speech-detector.ts';
import type { UtteranceMemory } from './utterance-memory.ts';
import { UtteranceSound } from './utterance-sound.ts';

export interface ListeningOptions {
  /** Silence after which an utterance is over. */
  endSilenceMs: number;
  /** Whoever speaks longer is cut there, and what follows is an utterance of its own. Default 30 000. */
  maxUtteranceMs?: number;
  /** What is being said when the listening, or its session, ends is an utterance too; else it is forgotten, the default. */
  tellUnfinished?: boolean;
}

export interface UtteranceReport {
  /** The far side begins to speak: not a click or a cough, but so much voice that it is an utterance. */
  started(): void;
  /** What was said, after its end, with a little silence around it; cut, or empty, where there was no memory for it. */
  utterance(samples: Int16Array, sampleRateHz: number): void;
}

/** Handed out before the first voice: initial consonants are no voice. */
const PRE_ROLL_MS = 300;
/** Voice activity needs three of four frames to begin. */
const ONSET_MS = 80;
/** Voice that makes an utterance: less is a click, a cough, a key. */
const LEAST_VOICE_MS = 120;
/** Left of the silence behind the last voice: final consonants are no voice either. */
const TAIL_MS = 300;
const FRAME_MS = 20;
const WIDEST_RATE_HZ = 16_000;
const MEMORY_MS = PRE_ROLL_MS + ONSET_MS;

/**
 * Cuts what one far side says into utterances. Takes its frames of 20 ms without a gap; allocates only while somebody speaks.
 */
export class UtteranceDetector {
  readonly #options: Required<ListeningOptions>;
  readonly #report: UtteranceReport;
  readonly #detector: SpeechDetector;
  readonly #sound: UtteranceSound;
  /** The last {@link MEMORY_MS}, around and around. */
  readonly #recent = new Int16Array((WIDEST_RATE_HZ * MEMORY_MS) / 1000);
  #recentEnd = 0;
  #recentLength = 0;
  #sampleRateHz = 0;
  #collecting = false;
  #started = false;
  #voicedMs = 0;
  /** Of the utterance so far, in samples, whether there was memory for it or not. */
  #length = 0;
  /** Where the last voice ends, in samples of the utterance. */
  #voiceEnd = 0;

  constructor(options: ListeningOptions, memory: UtteranceMemory, report: UtteranceReport) {
    this.#options = { maxUtteranceMs: 30_000, tellUnfinished: false, ...options };
    this.#report = report;
    this.#detector = new SpeechDetector({ hangoverMs: options.endSilenceMs });
    this.#sound = new UtteranceSound(memory);
  }

  /** Takes the next frame, at 8 or 16 kHz. */
  process(samples: Int16Array, n: number, sampleRateHz: number): void {
    if (sampleRateHz !== this.#sampleRateHz) this.#changeRate(sampleRateHz);
    const speaking = this.#detector.process(samples, 0, n, sampleRateHz);
    if (!this.#collecting) {
      if (speaking) this.#begin();
      else this.#remember(samples, n);
    }
    if (this.#collecting) this.#collect(samples, n, speaking);
  }

  /** What is being said is told or forgotten, whatever was asked for. */
  close(): void {
    if (this.#options.tellUnfinished && this.#collecting) this.#end();
    this.#forget();
  }

  #begin(): void {
    this.#collecting = true;
    const size = this.#ringSize();
    const start = (this.#recentEnd - this.#recentLength + size) % size;
    const first = Math.min(this.#recentLength, size - start);
    this.#sound.add(this.#recent, start, first);
    this.#sound.add(this.#recent, 0, this.#recentLength - first);
    this.#length = this.#recentLength;
    this.#recentLength = 0;
  }

  #collect(samples: Int16Array, n: number, speaking: boolean): void {
    this.#sound.add(samples, 0, n);
    this.#length += n;
    if (this.#detector.voiced) {
      this.#voicedMs += FRAME_MS;
      this.#voiceEnd = this.#length;
    }
    if (!this.#started && this.#voicedMs >= LEAST_VOICE_MS) {
      this.#started = true;
      this.#report.started();
    }
    const lengthMs = (this.#length * 1000) / this.#sampleRateHz;
    if (!speaking || lengthMs >= this.#options.maxUtteranceMs) this.#end();
  }

  #end(): void {
    if (this.#started) {
      const tail = (TAIL_MS * this.#sampleRateHz) / 1000;
      this.#report.utterance(this.#sound.take(this.#voiceEnd + tail), this.#sampleRateHz);
    }
    this.#forget();
  }

  #forget(): void {
    this.#sound.clear();
    this.#collecting = false;
    this.#started = false;
    this.#voicedMs = 0;
    this.#length = 0;
    this.#voiceEnd = 0;
  }

  #remember(samples: Int16Array, n: number): void {
    const size = this.#ringSize();
    for (let i = 0; i < n; i++) {
      this.#recent[this.#recentEnd] = samples[i] as number;
      this.#recentEnd = (this.#recentEnd + 1) % size;
    }
    this.#recentLength = Math.min(size, this.#recentLength + n);
  }

  /** The codec changed: what was being said ends here. */
  #changeRate(sampleRateHz: number): void {
    if (this.#collecting) this.#end();
    this.#sampleRateHz = sampleRateHz;
    this.#recentEnd = 0;
    this.#recentLength = 0;
  }

  #ringSize(): number {
    return (this.#sampleRateHz * MEMORY_MS) / 1000;
  }
}
