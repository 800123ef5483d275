import { isSameLeg } from '../interpreter/callees.ts';
import type { CalleeLeg, Effect, FlowEvent, Input } from '../io.ts';
import type { CallerAct, SimulatedTransfer } from './script.ts';
import { KEY_MS, REACTION_MS, TONE_MS } from './scripted-caller.ts';
import type { Timeline } from './timeline.ts';
import { type SpokenAct, Voice, whatIsSaid } from './voice.ts';

interface Callee {
  leg: CalleeLeg;
  /** For each time it is asked. */
  acts: CallerAct[];
  voice: Voice;
  playing: string | null;
  /** Grows with all that may be a question, so that each is answered once. */
  asked: number;
  answered: number;
}

/** What the script has for callees. */
export type CalleeScript = Pick<SimulatedTransfer, 'presses' | 'acts'>;

interface CalleesOptions {
  /** What one does who answers. */
  scriptOf(leg: CalleeLeg): CalleeScript;
  /** The flow would take a key of this callee now. */
  isListening(leg: CalleeLeg): boolean;
  /** Why nobody can understand what is said; null when somebody can. */
  speechError: string | null;
}

/** Those who have answered a TRANSFER or QUEUE and are not connected yet: they press keys and speak as the script has it. */
export class ScriptedCallees {
  readonly #options: CalleesOptions;
  readonly #timeline: Timeline;
  readonly #callees: Callee[] = [];

  constructor(timeline: Timeline, options: CalleesOptions) {
    this.#timeline = timeline;
    this.#options = options;
  }

  /** What happens to the call may be their coming and going. */
  take(input: Input): void {
    switch (input.type) {
      case 'callee_answered': {
        const { presses = [], acts = [] } = this.#options.scriptOf(input.leg);
        const voice = new Voice(this.#timeline, this.#options.speechError);
        const all = [...presses.map((keys) => ({ presses: keys })), ...acts];
        this.#callees.push({ leg: input.leg, acts: all, voice, playing: null, asked: 0, answered: -1 });
        return;
      }
      case 'callee_ended':
        this.#leave(({ leg }) => isSameLeg(leg, input.leg));
        return;
      case 'transfer_answered':
      case 'transfer_ended':
        this.#leave(({ leg }) => leg.transferId === input.transferId);
        return;
      case 'queue_connected':
      case 'queue_left':
        this.#leave(({ leg }) => leg.transferId === input.queueId);
        return;
      case 'playback_ended':
      case 'playback_failed':
        for (const callee of this.#callees) if (callee.playing === input.playbackId) callee.playing = null;
    }
  }

  /** An entry of one of them is over, or it is asked again. */
  note({ type, data }: FlowEvent): void {
    if (type !== 'digits_collected' && type !== 'branch_taken') return;
    for (const callee of this.#callees) if (callee.leg.no === data.callee) callee.asked += 1;
  }

  /** Something is played to one of them; gives what it replaces. */
  plays(leg: CalleeLeg, playbackId: string): string | null {
    const callee = this.#callees.find((one) => isSameLeg(one.leg, leg));
    if (callee === undefined) return null;
    const { playing } = callee;
    callee.playing = playbackId;
    callee.asked += 1;
    return playing;
  }

  /** One of them is listened to, or not any more. */
  listen(effect: Extract<Effect, { type: 'start_listening' | 'stop_listening' }>, to: CalleeLeg): void {
    const voice = this.#callees.find(({ leg }) => isSameLeg(leg, to))?.voice;
    if (effect.type === 'start_listening') voice?.startListening(effect);
    else voice?.stopListening(effect.listenId);
  }

  /** Whoever is asked, and hears nothing, presses or says what comes next. */
  answer(): void {
    for (const callee of this.#callees) {
      const [act] = callee.acts;
      if (act === undefined || callee.playing !== null || callee.asked <= callee.answered) continue;
      if (!callee.voice.canAnswer(act, () => this.#options.isListening(callee.leg))) continue;
      callee.answered = callee.asked;
      callee.acts.shift();
      if ('says' in act) this.#timeline.later(REACTION_MS, callee.leg.transferId, () => this.#speak(callee, act));
      else this.#press(callee.leg, act.presses);
    }
  }

  #speak({ leg: { no }, voice }: Callee, act: SpokenAct): null {
    this.#timeline.tell('callee', `${no} says ${whatIsSaid(act)}`, null, { callee: no, says: act.says });
    voice.speak(act);
    return null;
  }

  #press(leg: CalleeLeg, keys: string): void {
    for (const [index, digit] of [...keys].entries()) {
      this.#timeline.later(REACTION_MS + index * KEY_MS, leg.transferId, (atMs) => {
        const { no } = leg;
        if (index === 0) this.#timeline.tell('callee', `${no} presses ${keys}`, null, { callee: no, digits: keys });
        return { type: 'digit', digit, durationMs: TONE_MS, leg, atMs };
      });
    }
  }

  #leave(isMeant: (callee: Callee) => boolean): void {
    for (let index = this.#callees.length - 1; index >= 0; index -= 1) {
      const callee = this.#callees[index];
      if (callee !== undefined && isMeant(callee)) this.#callees.splice(index, 1);
    }
  }
}
