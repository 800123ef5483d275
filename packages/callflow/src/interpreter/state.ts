import type {
  CallbackType,
  CalleeLeg,
  CallInfo,
  FlowSettings,
  IncomingMessage,
  Json,
  JsonObject,
  KeyPressEntry,
  RecordingEntry,
  TransferStatus,
} from '../io.ts';
import type { Program } from '../program/program.ts';

/** What became of a callback request: the document to run, or why there is none. */
export type CallbackResult = { program: Program } | { reason: string };

/** Where a call stands between two inputs. Each phase names what it waits for. */
export type Phase =
  /** Outbound: for the callee's answer. */
  | { name: 'dialling' }
  /** Inbound with `answerOnRing`: for media, before the first callback. */
  | { name: 'answering' }
  /** `held`: the answer came while an injected list was running, and waits for its end. */
  | { name: 'requesting'; requestId: string; held: CallbackResult | null }
  /** For whatever the blocked strands wait for. */
  | { name: 'running' }
  /** For the pause before the next callback. */
  | { name: 'pausing'; timerId: string }
  /** For the apology to be said (`playbackId` null: for the answer before it). */
  | { name: 'apologising'; playbackId: string | null; reason: string }
  /** We asked for the end; for the end. Of a message: for what it sent to be settled. */
  | { name: 'leaving' }
  | { name: 'over' };

/**
 * The list of an action's event that waits for its turn to run beside the main strand. `owner` is what the event belongs
 * to (a transfer, a conference …): when that is over, its events are dropped; null: it outlives it.
 */
export interface RaisedEvent {
  name: string;
  owner: string | null;
  program: Program;
  list: number;
  from: number;
  to: number;
  locals: JsonObject;
}

/**
 * One list being run. `wait` is what the action at `pc` keeps while it is under way, null when none is. `nested` lists
 * (a COLLECT's prompt, the body of a FOREACH) and a `flow` were started by the action of the frame below, an `injected`
 * list came from outside and stands over whatever is below. An `event` is the bottom of a strand beside the main one.
 */
export interface Frame {
  kind: 'document' | 'nested' | 'flow' | 'injected' | 'event';
  /** Of an injected list or an event; null: that of the frame below, at the bottom the document's. */
  program: Program | null;
  /** Number of the document or injected list it belongs to; null: that of the frame below. */
  list: number | null;
  pc: number;
  from: number;
  to: number;
  startedAtMs: number;
  wait: Json;
  /** Variables that only this list and those inside it see; they come before all others. */
  locals: JsonObject | null;
}

/** A stack of frames with its own place in the program: the main strand, or an event that runs beside it. */
export interface Strand {
  /** `main`, or the event's. */
  name: string;
  /** As in {@link RaisedEvent}. */
  owner: string | null;
  /** What it belonged to is over; it is put away before anything else runs. */
  isDropped: boolean;
  /** The callee whose leg it runs on; null: the call itself. */
  leg: CalleeLeg | null;
  frames: Frame[];
}

/** Something that goes on after its action: until it is stopped, ends by itself, or the call is over. */
export interface Background {
  kind: 'recording' | 'stream' | 'detection' | 'transcription' | 'message';
  id: string;
  /** By which it may be stopped; of a detection, what is known while the beep is still awaited. */
  name: string | null;
  timerId: string | null;
  /** The action that began it. */
  spot: { path: string | null; action: string | null };
  /** What runs at its events, by name. */
  events: { [name: string]: RaisedEvent };
}

/** How the latest TRANSFER went. */
export interface TransferOutcome {
  status: TransferStatus;
  /** Who answered; empty when nobody did. */
  no: string;
  durationMs: number;
}

/** How the latest QUEUE goes, or went. `waitMs` is null while it waits, `position` 0 while it does not. */
export interface QueueState {
  status: 'waiting' | 'connected' | 'timeout' | 'left' | 'full' | 'failed';
  position: number;
  size: number;
  sinceMs: number;
  waitMs: number | null;
  /** With whom it was connected; empty until then. */
  no: string;
}

/** What the call is connected with. */
export interface Joined {
  kind: 'transfer' | 'conference' | 'queue';
  id: string;
}

/** Who wants to hear what the caller says. An event comes before the flow it runs beside. */
export interface Listener {
  listenId: string;
  isOfEvent: boolean;
  /** Null: the call's own. */
  leg: CalleeLeg | null;
  /** It has been listened for, and gave way to another. */
  gaveWay: boolean;
  hints: string[];
  language: string | null;
  endSilenceMs: number;
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
  /** What came in place of a call: then there is nobody to hear anything. */
  message: IncomingMessage | null;
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
  nextSend: number;
  nextTimer: number;
  nextList: number;
  /** For ids of what has no counter of its own. */
  nextId: number;
  /** The transfer, conference or queue that the call is connected with: one at a time. */
  joined: Joined | null;
  transfer: TransferOutcome | null;
  queue: QueueState | null;
  background: Background[];
  nextRecording: number;
  /** Of the latest STREAM. */
  streamStatus: 'completed' | 'failed' | null;
  /** Of the latest HTTP; 0 when there was no answer. */
  httpStatus: number | null;
  lastRecording: { id: string; durationMs: number } | null;
  randomState: number;
  callbackType: CallbackType | null;
  program: Program | null;
  /** The main strand, when there is something to run. */
  strands: Strand[];
  /** The event that runs beside it; one at a time, so that no two of them speak at once. */
  event: Strand | null;
  /** What callees of the TRANSFER under way hear before one of them is connected. */
  callees: Strand[];
  /** What the event plays: the main strand is silent as long. */
  eventPlayback: string | null;
  /** Events that wait for their turn. */
  raised: RaisedEvent[];
  /** Lists from outside that wait for their turn, in the order in which they will run. */
  injected: Program[];
  variables: JsonObject;
  variableCount: number;
  sessionData: JsonObject | null;
  /** Digits of the latest COLLECT. */
  keyPresses: string;
  /** The latest COLLECT got what it asked for. */
  isCollectValid: boolean | null;
  /** What was said in the latest COLLECT that takes speech; empty when nothing was understood. */
  speech: string;
  speechConfidence: number | null;
  /** In the order in which they began. */
  listeners: Listener[];
  /** Those whom the driver listens for, by their ids: one on each leg. */
  heardBy: string[];
  /** Keys that nobody waited for, since the last COLLECT. */
  typedAhead: string;
  /** Since the last callback. */
  keyPressEntries: KeyPressEntry[];
  recordings: RecordingEntry[];
  detection: string;
  /** Why the flow was given up, for the call's record; null while it goes well. */
  failure: string | null;
  lateFinishKey: LateFinishKey | null;
  /** When the strands came to rest; tells a real wait from none. */
  blockedAtMs: number;
  stepsWithoutWait: number;
  /** Phones that the flow has had rung. */
  legsTaken: number;
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
    strands: state.strands.map(draftOfStrand),
    event: state.event && draftOfStrand(state.event),
    callees: state.callees.map(draftOfStrand),
  };
}

function draftOfStrand(strand: Strand): Strand {
  return { ...strand, frames: strand.frames.map((frame) => ({ ...frame })) };
}
