import type { CallState } from '../interpreter/state.ts';
import type { Agenda } from './agenda.ts';

/** A call that has gone round for that long, with nothing else to come, is taken to go round for ever. */
const PATIENCE_MS = 15 * 60_000;
const LOOKED_AT_AFTER_MS = 60_000;
/** So often, at least. */
const ROUNDS = 3;
/** A call of more states than that does not go round; what was seen of it is forgotten. */
const MOST_STATES = 1_000;

interface Seen {
  sinceMs: number;
  times: number;
  /** How much was noted in the agenda when it was seen last. */
  noted: number;
}

/** What could still happen: the longest time of the call alone does not count. */
type Pending = Pick<Agenda, 'noted' | 'holds'>;

/** Tells a call that would only be ended by its longest time from one that takes long. */
export class EndlessWait {
  readonly #pending: Pending;
  readonly #seen = new Map<string, Seen>();
  #asked: { state: CallState; isEndless: boolean } | null = null;

  constructor(pending: Pending) {
    this.#pending = pending;
  }

  /** To be asked after every input: nothing is to come, or nothing but what has come again and again. */
  isAt(state: CallState): boolean {
    const longest = state.maxCallTimerId;
    if (longest === null) return false;
    if (!this.#pending.holds(this.#pending.noted, longest)) return true;
    if (this.#asked?.state !== state) this.#asked = { state, isEndless: this.#goesRound(state, longest) };
    return this.#asked.isEndless;
  }

  #goesRound(state: CallState, longest: string): boolean {
    // Most calls are over by then, and need not be looked at so closely.
    if (state.nowMs - state.info.startTimeMs < LOOKED_AT_AFTER_MS) return false;
    const print = fingerprintOf(state);
    const seen = this.#seen.get(print) ?? { sinceMs: state.nowMs, times: 0, noted: 0 };
    const before = seen.noted;
    seen.times += 1;
    seen.noted = this.#pending.noted;
    if (this.#seen.size >= MOST_STATES) this.#seen.clear();
    this.#seen.set(print, seen);
    if (seen.times <= ROUNDS || state.nowMs - seen.sinceMs < PATIENCE_MS) return false;
    return !this.#pending.holds(before, longest);
  }
}

/** What else would have ended a wait, by what the call is connected with. */
const OTHERS = {
  transfer: ', or the far side',
  conference: ', or when the room is over',
  queue: ', or when somebody connects',
} as const;

/** For people: what a script has to say of such a call. `takesKeys`: the flow would take one. */
export function whatWouldEnd(joined: keyof typeof OTHERS | null, takesKeys: boolean): string {
  const others = joined === null ? (takesKeys ? ' or presses a key' : '') : OTHERS[joined];
  return `only the longest time of the call would end this; say when the caller hangs up${others}`;
}

/** What changes in every round and is nothing to the flow: numbers for names, what the next callback will tell. */
const OF_NO_MATTER: ReadonlySet<string> = new Set([
  ...['nextPlayback', 'nextSend', 'nextTimer', 'nextList', 'nextId', 'nextRecording'],
  ...['stepsWithoutWait', 'keyPressEntries', 'recordings', 'lastRecording', 'legsTaken'],
]);

/** Moments are that large; nothing else in a state is. */
const FIRST_MOMENT_MS = 1e10;

/** The same for two states from which the same follows, as far as the flow is concerned. */
function fingerprintOf(state: CallState): string {
  const { program, injected, variables, sessionData, info: _info, settings: _settings, ...own } = state;
  const rest = JSON.stringify(own, (key, value) => {
    if (OF_NO_MATTER.has(key)) return undefined;
    if (key === 'timerIds' || key === 'heardBy') return value.length;
    if (typeof value === 'number' && value > FIRST_MOMENT_MS) return 'then';
    const isName = key.endsWith('Id') || key === 'eventPlayback';
    return isName && typeof value === 'string' ? 'some' : value;
  });
  return `${program?.instructions.length} ${injected.length} ${JSON.stringify([variables, sessionData])} ${rest}`;
}
