import type { CallbackType, CallInfo, FlowSettings, Json, JsonObject, KeyPressEntry, RecordingEntry } from '../io.ts';
import type { Program } from '../program/program.ts';

/** Where a call stands between two inputs. Each phase names what it waits for. */
export type Phase =
  /** Outbound: for the callee's answer. */
  | { name: 'dialling' }
  /** Inbound with `answerOnRing`: for media, before the first callback. */
  | { name: 'answering' }
  | { name: 'requesting'; requestId: string }
  /** For whatever the blocked strands wait for. */
  | { name: 'running' }
  /** For the pause before the next callback. */
  | { name: 'pausing'; timerId: string }
  /** For the apology to be said (`playbackId` null: for the answer before it). */
  | { name: 'apologising'; playbackId: string | null; reason: string }
  /** We asked for the end; for the end. */
  | { name: 'leaving' }
  | { name: 'over' };

/**
 * One list being run: the document's own, or a nested one that an action below it started (a COLLECT's prompt).
 * `wait` is what the action at `pc` keeps while it is under way, null when none is.
 */
export interface Frame {
  pc: number;
  from: number;
  to: number;
  startedAtMs: number;
  wait: Json;
}

/** A stack of frames with its own place in the program. The main strand is the first; events run beside it. */
export interface Strand {
  name: string;
  frames: Frame[];
}

/** A finish key that would be swallowed: its COLLECT ended by `num_digits` before it came. */
export interface LateFinishKey {
  keys: string[];
  untilMs: number;
}

/** Before the `start` input. */
export interface FreshState {
  kind: 'fresh';
}

/** Everything a call has to remember. A JSON value; never changed in place once a step has returned it. */
export interface CallState {
  kind: 'call';
  info: CallInfo;
  settings: FlowSettings;
  phase: Phase;
  nowMs: number;
  answerAsked: boolean;
  answeredAtMs: number | null;
  endedAtMs: number | null;
  maxCallTimerId: string | null;
  /** Timers set and neither fired nor cancelled. */
  timerIds: string[];
  nextRequest: number;
  nextPlayback: number;
  nextTimer: number;
  randomState: number;
  callbackType: CallbackType | null;
  program: Program | null;
  strands: Strand[];
  variables: JsonObject;
  variableCount: number;
  sessionData: JsonObject | null;
  /** Digits of the latest COLLECT. */
  keyPresses: string;
  /** Since the last callback. */
  keyPressEntries: KeyPressEntry[];
  recordings: RecordingEntry[];
  detection: string;
  lateFinishKey: LateFinishKey | null;
  /** When the strands came to rest; tells a real wait from none. */
  blockedAtMs: number;
  stepsWithoutWait: number;
  /** Path of the instruction that jumped backwards last. */
  lastLoopPath: string | null;
  emptyAnswers: number;
  idleCallbacks: number;
}

export type State = FreshState | CallState;

/** A new state that the step may change: everything a step changes in place is copied, the rest shared. */
export function draftOf(state: CallState, atMs: number): CallState {
  return {
    ...state,
    nowMs: Math.max(state.nowMs, atMs),
    strands: state.strands.map((strand) => ({
      name: strand.name,
      frames: strand.frames.map((frame) => ({ ...frame })),
    })),
  };
}
