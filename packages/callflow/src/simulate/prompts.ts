import type { Effect } from '../io.ts';
import { estimatedDurationMs, type SimulationScript } from './script.ts';
import type { ScriptedCallees } from './scripted-callees.ts';
import type { Timeline } from './timeline.ts';

/** Something that was played to the caller. */
interface Heard {
  /** The text, or the address of the file. */
  what: string;
  playbackId: string;
  isOver: boolean;
  /** How many times it was heard whole without a break before. */
  repeats: number;
  endsAtMs: number;
}

/** A caller who has heard the same so many times over does not wait for its end any more: it may have none. */
const ENOUGH_REPEATS = 2;

/** What the flow plays to the caller, and to those who have answered a TRANSFER: one thing at a time to each. */
export class Prompts {
  /** By the caller. */
  readonly heard: Heard[] = [];
  readonly #length: NonNullable<SimulationScript['playback']>;
  readonly #callees: ScriptedCallees;
  readonly #timeline: Timeline;
  #endedAtMs = 0;

  constructor(length: SimulationScript['playback'], callees: ScriptedCallees, timeline: Timeline) {
    this.#length = length ?? estimatedDurationMs;
    this.#callees = callees;
    this.#timeline = timeline;
  }

  /** Something is played to the caller. */
  get isPlaying(): boolean {
    return this.heard.at(-1)?.isOver === false;
  }

  /** How long the caller hears what is played now, unless it is cut short; 0 when nothing is. */
  get leftMs(): number {
    const last = this.heard.at(-1);
    return last?.isOver === false ? last.endsAtMs - this.#timeline.nowMs : 0;
  }

  /** What is played goes round and round, as a PLAY with `loop: 0` does. */
  get goesRound(): boolean {
    return (this.heard.at(-1)?.repeats ?? 0) >= ENOUGH_REPEATS;
  }

  /** @param path of the action that plays it */
  play({ playbackId, source, leg }: Extract<Effect, { type: 'play' }>, path: string | null): void {
    const length = this.#length(source);
    if (typeof length !== 'number') {
      const [reason, afterMs] = length instanceof Error ? [length.message, 0] : [length.failure, length.afterMs];
      this.#timeline.later(afterMs, playbackId, (atMs) => ({ type: 'playback_failed', playbackId, reason, atMs }));
      return;
    }
    const what = source.kind === 'say' ? source.text : source.url;
    const heard = source.kind === 'say' ? `"${what}"` : what;
    const data = { source: { ...source } };
    if (leg === undefined) {
      this.#replace(this.heard.findLast(({ isOver }) => !isOver)?.playbackId ?? null);
      const last = this.heard.at(-1);
      const isAgain = last?.isOver === true && last.what === what && this.#endedAtMs === this.#timeline.nowMs;
      const endsAtMs = this.#timeline.nowMs + length;
      this.heard.push({ what, playbackId, isOver: false, repeats: isAgain ? last.repeats + 1 : 0, endsAtMs });
      this.#timeline.tell('hears', heard, path, data);
    } else {
      this.#replace(this.#callees.plays(leg, playbackId));
      this.#timeline.tell('callee', `${leg.no} hears ${heard}`, path, { callee: leg.no, ...data });
    }
    this.#timeline.later(Math.max(0, length), playbackId, (atMs) => {
      return { type: 'playback_ended', playbackId, outcome: 'completed', atMs };
    });
  }

  stop(playbackId: string): void {
    if (!this.#timeline.cancel(playbackId)) return;
    this.#timeline.later(0, null, (atMs) => ({ type: 'playback_ended', playbackId, outcome: 'stopped', atMs }));
  }

  /** What was played is over, or could not be played. */
  end(playbackId: string): void {
    const heard = this.heard.findLast((other) => other.playbackId === playbackId);
    if (heard === undefined) return;
    heard.isOver = true;
    this.#endedAtMs = this.#timeline.nowMs;
  }

  /** Everything is over, as the call is. */
  endAll(): void {
    for (const heard of this.heard) heard.isOver = true;
  }

  #replace(playbackId: string | null): void {
    if (playbackId !== null) this.stop(playbackId);
  }
}
