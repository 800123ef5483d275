import type { Effect } from '../io.ts';
import type { CallerAct, SimulationScript } from './script.ts';
import type { Timeline } from './timeline.ts';
import { type SpokenAct, speakingMs, Voice, whatIsSaid } from './voice.ts';
import type { WorldScript } from './world/world.ts';

/** From the end of a prompt to the first key or word, and from key to key. */
export const REACTION_MS = 500;
export const KEY_MS = 200;
export const TONE_MS = 80;

/** The caller of a simulation: what the script has for it to do, and its voice. */
export class ScriptedCaller {
  readonly voice: Voice;
  readonly #script: SimulationScript;
  readonly #timeline: Timeline;
  readonly #isListening: (digit: string) => boolean;
  readonly #acts: CallerAct[];
  #served = -1;

  /** @param isListening the flow would take this key now */
  constructor(script: SimulationScript, timeline: Timeline, isListening: (digit: string) => boolean) {
    this.#script = script;
    this.#timeline = timeline;
    this.#isListening = isListening;
    this.#acts = [...(script.presses ?? []).map((presses) => ({ presses })), ...(script.acts ?? [])];
    this.voice = new Voice(timeline, script.speechError ?? null);
  }

  /** The key that the script has next; null when it has words, or nothing. */
  get nextKey(): string | null {
    const [act] = this.#acts;
    return act !== undefined && 'presses' in act ? (act.presses[0] ?? null) : null;
  }

  /** The script has words next. */
  get hasWords(): boolean {
    const [act] = this.#acts;
    return act !== undefined && 'says' in act;
  }

  /** What the script has the caller say and press, and was not said or pressed, in words. */
  get undone(): string[] {
    return this.#acts.flatMap((act) => {
      if ('says' in act) return [`the caller had "${act.says}" to say, but nothing listened`];
      return act.presses === '' ? [] : [`the caller had ${act.presses} to press, but nothing took keys`];
    });
  }

  /**
   * The call may wait for an answer: if so, the caller does what the script has next, once for every `occasion`, which
   * is a number that grows.
   */
  answer(occasion: number): void {
    const [act] = this.#acts;
    const isListening = () => this.#isListening(this.nextKey ?? '1');
    if (act === undefined || occasion <= this.#served || !this.voice.canAnswer(act, isListening)) return;
    this.#served = occasion;
    this.#acts.shift();
    if ('says' in act) {
      this.#timeline.later(REACTION_MS, null, () => this.speak(act));
      return;
    }
    for (const [index, digit] of [...act.presses].entries()) {
      this.#timeline.later(REACTION_MS + index * KEY_MS, null, (atMs) => {
        if (index === 0) this.#timeline.tell('presses', act.presses, null, { digits: act.presses });
        return { type: 'digit', digit, durationMs: TONE_MS, atMs };
      });
    }
  }

  /** Says something now. */
  speak(act: SpokenAct): null {
    this.#timeline.tell('says', whatIsSaid(act), null, { says: act.says });
    this.voice.speak(act);
    return null;
  }

  /** What the world is to do about an effect: what the caller has to say next is the message of a RECORD. */
  worldScript(effect: Effect): WorldScript {
    const [act] = this.#acts;
    const isMessage = effect.type === 'start_recording' && effect.silenceMs !== null;
    if (!isMessage || this.#script.recordings !== undefined || act === undefined || !('says' in act))
      return this.#script;
    this.#acts.shift();
    this.#timeline.tell('says', `"${act.says}"`, null, { says: act.says });
    return { ...this.#script, recordings: [{ speaksMs: speakingMs(act.says) }] };
  }
}
