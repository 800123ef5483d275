import type { Effect } from '../io.ts';
import { type CallerAct, estimatedDurationMs } from './script.ts';
import type { Timeline } from './timeline.ts';

/** What somebody says. */
export type SpokenAct = Extract<CallerAct, { says: string }>;

interface Utterance {
  text: string;
  confidence: number | null;
  beganMs: number;
  endsMs: number;
}

/** From the first sound to when it is taken for a voice. */
export const VOICE_MS = 150;
/** Who begins to listen no later than that hears all of it. */
const HEARD_BEFORE_MS = 300;

/** How long it takes to say something. */
export function speakingMs(text: string): number {
  return estimatedDurationMs({ kind: 'say', text, voice: null, language: null });
}

/** In the words of a report. */
export function whatIsSaid({ says }: SpokenAct): string {
  return says === '' ? 'something that is not understood' : `"${says}"`;
}

/** The caller's voice in virtual time, and who listens to it: what is said is understood word for word. */
export class Voice {
  readonly #timeline: Timeline;
  /** Why nobody can listen; null when somebody can. */
  readonly #failure: string | null;
  #listening: Extract<Effect, { type: 'start_listening' }> | null = null;
  #utterance: Utterance | null = null;
  #isAwaited = false;

  constructor(timeline: Timeline, failure: string | null) {
    this.#timeline = timeline;
    this.#failure = failure;
  }

  /** The flow listens to what is said. */
  get isListenedTo(): boolean {
    return this.#listening !== null;
  }

  /** Of the flow's listening; null when it does not listen. */
  get listenId(): string | null {
    return this.#listening?.listenId ?? null;
  }

  /** Whoever has this voice could do this now. Pressing nothing answers a question put either way. */
  canAnswer(act: CallerAct, takesKeys: () => boolean): boolean {
    if ('says' in act) return this.isListenedTo;
    return takesKeys() || (act.presses === '' && this.isListenedTo);
  }

  /** Something was said, and the flow will yet be told what. */
  get isAwaited(): boolean {
    return this.#isAwaited;
  }

  startListening(effect: Extract<Effect, { type: 'start_listening' }>): void {
    this.#forget();
    const { listenId } = effect;
    const reason = this.#failure;
    if (reason !== null) {
      this.#timeline.later(0, listenId, (atMs) => ({ type: 'listening_failed', listenId, reason, atMs }));
      return;
    }
    this.#listening = effect;
    const utterance = this.#utterance;
    const { nowMs } = this.#timeline;
    if (utterance === null || nowMs >= utterance.endsMs) return;
    const isWhole = nowMs - utterance.beganMs <= HEARD_BEFORE_MS;
    this.#hear(isWhole ? utterance : { ...utterance, text: '', confidence: null });
  }

  stopListening(listenId: string): void {
    if (this.#listening?.listenId === listenId) this.#forget();
  }

  /**
   * Something is said, and heard by whoever listens. The empty text is something that nobody understands, and as uncertain
   * as can be told.
   */
  speak({ says, confidence = says === '' ? null : 1 }: SpokenAct): void {
    const beganMs = this.#timeline.nowMs;
    this.#utterance = { text: says, confidence, beganMs, endsMs: beganMs + speakingMs(says) };
    if (this.#listening !== null) this.#hear(this.#utterance);
  }

  #hear({ text, confidence, beganMs, endsMs }: Utterance): void {
    if (this.#listening === null) return;
    const { listenId, endSilenceMs } = this.#listening;
    const { nowMs } = this.#timeline;
    this.#isAwaited = true;
    const noticedMs = Math.max(0, beganMs + VOICE_MS - nowMs);
    this.#timeline.later(noticedMs, listenId, (atMs) => ({ type: 'speech_started', listenId, atMs }));
    this.#timeline.later(endsMs + endSilenceMs - nowMs, listenId, (atMs) => {
      this.#isAwaited = false;
      return { type: 'speech_recognized', listenId, text: asRecognized(text), confidence, atMs };
    });
  }

  #forget(): void {
    if (this.#listening !== null) this.#timeline.cancel(this.#listening.listenId);
    this.#listening = null;
    this.#isAwaited = false;
  }
}

/** As a recogniser has it: in lower case, without punctuation. */
function asRecognized(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}'’]+/gu, ' ')
    .trim();
}
