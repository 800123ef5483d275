import type { CalleeLeg, FlowEvent, Input } from '../io.ts';
import type { SimulatedTransfer } from './script.ts';
import { KEY_MS, REACTION_MS, TONE_MS } from './scripted-caller.ts';
import type { Timeline } from './timeline.ts';
import { scriptOf } from './world/transfers.ts';

interface Callee {
  leg: CalleeLeg;
  /** Keys for each time it is asked. */
  presses: string[];
  playing: string | null;
  /** Grows with all that may be a question, so that each is answered once. */
  asked: number;
  answered: number;
}

/** Those who have answered a TRANSFER and are not connected yet: they press keys as the script has it. */
export class ScriptedCallees {
  readonly #scripts: readonly SimulatedTransfer[];
  readonly #timeline: Timeline;
  readonly #isListening: (leg: CalleeLeg) => boolean;
  readonly #callees: Callee[] = [];

  /** @param isListening the flow would take a key of this callee now */
  constructor(scripts: readonly SimulatedTransfer[], timeline: Timeline, isListening: (leg: CalleeLeg) => boolean) {
    this.#scripts = scripts;
    this.#timeline = timeline;
    this.#isListening = isListening;
  }

  /** What happens to the call may be their coming and going. */
  take(input: Input): void {
    switch (input.type) {
      case 'callee_answered': {
        const presses = [...(scriptOf(input.leg.no, this.#scripts).presses ?? [])];
        this.#callees.push({ leg: input.leg, presses, playing: null, asked: 0, answered: -1 });
        return;
      }
      case 'callee_ended':
        this.#leave(({ leg }) => leg.transferId === input.leg.transferId && leg.no === input.leg.no);
        return;
      case 'transfer_answered':
      case 'transfer_ended':
        this.#leave(({ leg }) => leg.transferId === input.transferId);
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
  plays({ transferId, no }: CalleeLeg, playbackId: string): string | null {
    const callee = this.#callees.find(({ leg }) => leg.transferId === transferId && leg.no === no);
    if (callee === undefined) return null;
    const { playing } = callee;
    callee.playing = playbackId;
    callee.asked += 1;
    return playing;
  }

  /** Whoever is asked for keys, and hears nothing, presses what comes next. */
  answer(): void {
    for (const callee of this.#callees) {
      const [keys] = callee.presses;
      if (keys === undefined || callee.playing !== null || callee.asked <= callee.answered) continue;
      if (!this.#isListening(callee.leg)) continue;
      callee.answered = callee.asked;
      callee.presses.shift();
      this.#press(callee.leg, keys);
    }
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
