import type { Effect, Input, JsonObject } from '../io.ts';
import type { CallerAct, SimulationScript, TranscriptEntry } from './script.ts';
import { speakingMs, Voice } from './voice.ts';
import type { WorldScript } from './world/world.ts';

/** The line as its caller uses it. */
interface CallersLine {
  nowMs(): number;
  /** Something of the caller's happens then; null when the call is not told of it. */
  later(delayMs: number, id: string | null, make: (atMs: number) => Input | null): void;
  cancel(id: string): boolean;
  tell(type: TranscriptEntry['type'], text: string, path: null, data: JsonObject): void;
  /** The flow would take a key now. */
  isListening(): boolean;
}

/** From the end of a prompt to the first key or word, and from key to key. */
export const REACTION_MS = 500;
export const KEY_MS = 200;
export const TONE_MS = 80;

/** The caller of a simulation: what the script has for it to do, and its voice. */
export class ScriptedCaller {
  readonly voice: Voice;
  readonly #script: SimulationScript;
  readonly #line: CallersLine;
  readonly #acts: CallerAct[];
  #served = -1;

  constructor(script: SimulationScript, line: CallersLine) {
    this.#script = script;
    this.#line = line;
    this.#acts = [...(script.presses ?? []).map((presses) => ({ presses })), ...(script.acts ?? [])];
    this.voice = new Voice(line, script.speechError ?? null);
  }

  /** What the script has the caller say, and was not said. */
  get unsaid(): string[] {
    return this.#acts.flatMap((act) => ('says' in act ? [act.says] : []));
  }

  /**
   * The call may wait for an answer: if so, the caller does what the script has next, once for every `occasion`, which
   * is a number that grows.
   */
  answer(occasion: number): void {
    const [act] = this.#acts;
    if (act === undefined || occasion <= this.#served || !this.#canDo(act)) return;
    this.#served = occasion;
    this.#acts.shift();
    if ('says' in act) {
      this.#line.later(REACTION_MS, null, () => this.speak(act));
      return;
    }
    for (const [index, digit] of [...act.presses].entries()) {
      this.#line.later(REACTION_MS + index * KEY_MS, null, (atMs) => {
        if (index === 0) this.#line.tell('presses', act.presses, null, { digits: act.presses });
        return { type: 'digit', digit, durationMs: TONE_MS, atMs };
      });
    }
  }

  /** Says something now. What is not understood is as uncertain as can be told. */
  speak({ says, confidence = says === '' ? null : 1 }: Extract<CallerAct, { says: string }>): null {
    this.#line.tell('says', says === '' ? 'something that is not understood' : `"${says}"`, null, { says });
    this.voice.speak(says, confidence);
    return null;
  }

  /** What the world is to do about an effect: what the caller has to say next is the message of a RECORD. */
  worldScript(effect: Effect): WorldScript {
    const [act] = this.#acts;
    const isMessage = effect.type === 'start_recording' && effect.silenceMs !== null;
    if (!isMessage || this.#script.recordings !== undefined || act === undefined || !('says' in act))
      return this.#script;
    this.#acts.shift();
    this.#line.tell('says', `"${act.says}"`, null, { says: act.says });
    return { ...this.#script, recordings: [{ speaksMs: speakingMs(act.says) }] };
  }

  #canDo(act: CallerAct): boolean {
    if ('says' in act) return this.voice.isListenedTo;
    return this.#line.isListening() || (act.presses === '' && this.voice.isListenedTo);
  }
}
