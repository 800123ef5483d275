import type { Effect, Input, JsonObject } from '../io.ts';
import { Agenda } from './agenda.ts';
import type { SimulationScript, TranscriptEntry } from './script.ts';
import { startTimeMs } from './scripted-start.ts';
import type { Schedule } from './world/world.ts';

/** The virtual time of a simulation: what is told of it so far, and what will happen. */
export class Timeline {
  readonly entries: TranscriptEntry[] = [];
  readonly startMs: number;
  nowMs: number;
  readonly #agenda = new Agenda();
  /** What will happen, for who asks whether anything will. */
  readonly pending: Pick<Agenda, 'noted' | 'holds'> = this.#agenda;
  /** The same for the world beyond the line, whose parts take from it what they need. */
  readonly schedule: Schedule = {
    later: (delayMs, id, make) => this.later(delayMs, id, make),
    cancel: (id) => this.cancel(id),
    begin: (id, inMs) => this.#agenda.begin(id, this.nowMs + inMs),
    since: (id) => this.#agenda.since(id, this.nowMs),
    screened: new Map(),
    agents: new Map(),
  };

  /** @throws RangeError when `at` is no time */
  constructor(at: SimulationScript['at']) {
    this.startMs = startTimeMs(at);
    this.nowMs = this.startMs;
  }

  /** Since the start. */
  get elapsedMs(): number {
    return this.nowMs - this.startMs;
  }

  /** When the next thing happens; null when nothing will. */
  get nextAtMs(): number | null {
    return this.#agenda.nextAtMs();
  }

  /** The same since the start. */
  get nextElapsedMs(): number | null {
    const { nextAtMs } = this;
    return nextAtMs === null ? null : nextAtMs - this.startMs;
  }

  /** The next thing, as it happens; null when nothing will, or it is nothing that the flow is told of. */
  take(): Input | null {
    return this.#agenda.take();
  }

  /** Something happens then; `id`: by which it can be taken back. Null: the flow is not told of it. */
  later(delayMs: number, id: string | null, make: (atMs: number) => Input | null): void {
    this.#agenda.add(this.nowMs + delayMs, id, make);
  }

  /** Takes back everything noted under an id; false when nothing was. */
  cancel(id: string): boolean {
    return this.#agenda.remove(id);
  }

  /** Takes back everything that would happen. */
  clear(): void {
    this.#agenda.clear();
  }

  /** Adds to the transcript what happens now. */
  tell(type: TranscriptEntry['type'], text: string, path: string | null = null, data: JsonObject = {}): void {
    this.entries.push({ atMs: this.elapsedMs, type, text, path, data });
  }

  /** Carries out what takes nothing but time, or is only told of. False: the effect is nothing of that kind. */
  carryOut(effect: Effect): boolean {
    switch (effect.type) {
      case 'set_timer': {
        const { timerId } = effect;
        this.later(effect.durationMs, timerId, (atMs) => ({ type: 'timer', timerId, atMs }));
        return true;
      }
      case 'cancel_timer':
        this.cancel(effect.timerId);
        return true;
      case 'dial':
        this.tell('does', `dials ${effect.no} from ${effect.callerIdNo}`, null, { no: effect.no });
        return true;
      default:
        return false;
    }
  }
}
