import type { SpokenPart } from '../wire/play-source.ts';
import { isSameManner, type Manner } from './manner.ts';

/** Changes of manner and pauses in one text; beyond it the rest is said as the last of them. */
const MAX_PARTS = 500;
/** One pause, and all of them together. */
const LONGEST_PAUSE_MS = 10_000;
const MOST_PAUSES_MS = 60_000;
const SPEAKABLE = /[\p{L}\p{N}\p{S}#*&@%]/u;

/** Gathers what is spoken, in order. Neighbours in one manner become one part, so that a sentence keeps its melody. */
export class SpokenParts {
  readonly #parts: SpokenPart[] = [];
  readonly #maxCharacters: number;
  /** The silence of a sentence’s or paragraph’s end, which counts only between texts and gives way to a written break. */
  #impliedMs = 0;
  #pausesMs = 0;
  #characters = 0;

  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  /** Characters given, those that were left out included. */
  get characters(): number {
    return this.#characters;
  }

  add(written: string, manner: Manner): void {
    const last = this.#parts.at(-1);
    const isSpeakable = SPEAKABLE.test(written);
    const joins = last !== undefined && 'text' in last && this.#impliedMs === 0;
    if (joins && (!isSpeakable || isSameManner(last, manner) || this.#parts.length >= MAX_PARTS)) {
      last.text += this.#within(last.text.endsWith(' ') ? collapsed(written).trimStart() : collapsed(written));
      return;
    }
    const text = isSpeakable ? this.#within(collapsed(written).trimStart()) : '';
    if (text === '') return;
    if (last !== undefined && 'text' in last && this.#impliedMs > 0) this.#push(this.#impliedMs);
    this.#impliedMs = 0;
    this.#parts.push({ text, ...manner });
  }

  /** A written break. */
  pause(durationMs: number): void {
    const last = this.#parts.at(-1);
    const leftMs = Math.max(0, MOST_PAUSES_MS - this.#pausesMs);
    const lengthMs = Math.min(durationMs, LONGEST_PAUSE_MS, leftMs);
    this.#impliedMs = 0;
    if (last !== undefined && 'pauseMs' in last) {
      this.#pausesMs += lengthMs;
      last.pauseMs += lengthMs;
    } else if (this.#parts.length < MAX_PARTS) this.#push(lengthMs);
  }

  /** A sentence or paragraph begins or ends here. */
  boundary(durationMs: number): void {
    this.#impliedMs = Math.max(this.#impliedMs, durationMs);
  }

  finish(): SpokenPart[] {
    const parts = this.#parts.map((part) => ('text' in part ? { ...part, text: part.text.trim() } : part));
    return parts.filter((part) => !('text' in part) || part.text !== '');
  }

  #push(pauseMs: number): void {
    this.#pausesMs += pauseMs;
    this.#parts.push({ pauseMs });
  }

  /** As much of a text as may still be said. */
  #within(text: string): string {
    const left = Math.max(0, this.#maxCharacters - this.#characters);
    this.#characters += text.length;
    return text.length > left ? text.slice(0, left) : text;
  }
}

/** What the parts say, for people. */
export function textOfParts(parts: readonly SpokenPart[]): string {
  return parts.flatMap((part) => ('text' in part ? [part.text] : [])).join(' ');
}

function collapsed(text: string): string {
  return text.replace(/\s+/g, ' ');
}
