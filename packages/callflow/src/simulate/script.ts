import type { CallbackBody, CallInfo, Direction, FlowSettings, Json, JsonObject, Party, PlaySource } from '../io.ts';
import type { LanguageLimits } from '../limits.ts';

/** A request for the next actions, or the last callback (`body.type` is `end_call`), whose answer is ignored. */
export interface SimulatedRequest {
  url: string;
  method: 'GET' | 'POST';
  /** Of a POST. */
  contentType: string;
  body: CallbackBody;
}

/** A callback's answer: a document, or its text as it would come over the wire. */
export type SimulatedAnswer = JsonObject | string;

/** Answers callbacks in place of a web server. Throwing is an answer too: the callback has failed, for that reason. */
export type AnswerCallback = (request: SimulatedRequest) => SimulatedAnswer | Promise<SimulatedAnswer>;

/**
 * What the caller does when the flow waits for an answer. `presses`: keys; `''` lets that time pass. `says`: words, when
 * speech is asked for, or the message of a RECORD; `''` is something that is not understood. `confidence` is 1 when not given.
 */
export type CallerAct = { presses: string } | { says: string; confidence?: number | null };

/** What somebody does who has answered and is asked (`whisper`, `confirm`) before the call is connected. */
interface SimulatedCallee {
  /** Keys for each time it is asked for some; `''` lets that time pass. */
  presses?: readonly string[];
  /** What it does after the `presses`, in this order: one entry for each time it is asked. */
  acts?: readonly CallerAct[];
  /** Asked first, it hangs up a second after it has answered. */
  declines?: boolean;
}

/** What happens to a number that is rung by TRANSFER. */
export interface SimulatedTransfer extends SimulatedCallee {
  /** Which number; any when not given. The first entry that fits counts. */
  no?: string;
  /** Default `answer`. */
  outcome?: 'answer' | 'busy' | 'no-answer' | 'failed';
  /** From the ringing to the outcome. Default 2 s until an answer, 0.2 s until a refusal. */
  afterMs?: number;
  /** It sends sound before it answers. */
  earlyMedia?: boolean;
  /** From the answer until the far side hangs up; null: it never does. Default 10 s. */
  talkMs?: number | null;
}

/** What happens in a conference, counted from when the call enters. */
export interface SimulatedConference {
  /** Which room; any when not given. The first entry that fits counts. */
  name?: string;
  /** How many are in the room already. Default 0. */
  participants?: number;
  /** Others who come and go. Default: one comes after 2 s and stays. */
  others?: readonly { no?: string; entersMs: number; leavesMs?: number }[];
  /** When the room is over for this call, or it is taken out of it; null: never. Default 12 s. */
  endsMs?: number | null;
  kicked?: boolean;
}

/** What becomes of a recording. Without any of these it goes on until it is stopped. */
export interface SimulatedRecording {
  /** Of the RECORD; any when not given. The first entry that fits counts. */
  name?: string;
  /** A message: how long the caller speaks before falling silent. Default 5 s. */
  speaksMs?: number;
  /** Why it cannot be made. */
  failure?: string;
}

/** What the far end of a STREAM does. Without any of these it stays open until it is stopped. */
export interface SimulatedStream {
  /** Of the STREAM; any when not given. The first entry that fits counts. */
  url?: string;
  /** When the far end closes; null: never. Default 10 s for a bidirectional one, else never. */
  closesMs?: number | null;
  /** Why it cannot be reached. */
  failure?: string;
}

/** What happens to an agent whom a queue rings: the same each time. */
export interface SimulatedAgent extends SimulatedCallee {
  /** As the flow names the agent; any when not given. The first entry that fits counts. */
  no?: string;
  /** Default `answer`. */
  outcome?: 'answer' | 'busy' | 'no-answer' | 'failed';
  /** From the ringing to the outcome. Default 2 s until an answer, 0.2 s until a refusal. */
  afterMs?: number;
  /** From the answer until the agent hangs up. Default 10 s. */
  talkMs?: number;
}

/**
 * What happens to a call in a queue, counted from when it enters; the same for one that connects. A call with agents is
 * not connected when the script says but when an agent answers, who is rung as soon as it is the first in line.
 */
export interface SimulatedQueue {
  /** Which queue; any when not given. The first entry that fits counts. */
  name?: string;
  /** How many wait before it. Default 1. */
  ahead?: number;
  /** When somebody connects, or there is somebody to connect with; null: never. Default 10 s. */
  connectsMs?: number | null;
  no?: string;
  /** From the connection until the far side hangs up. Default 10 s. */
  talkMs?: number;
}

/** Answers an HTTP of the flow in place of a web server; throwing is an answer too. A text as it is, anything else as JSON. */
export type AnswerHttp = (request: {
  method: string;
  url: string;
  headers: { [name: string]: string };
  body: string | null;
}) => { status?: number; body?: Json };

/** Who calls whom, and what the caller does. Everything may be left out. */
export interface SimulationScript {
  /** The remote party, E.164 or a `sip:` URI. Default `+12125550101`. */
  callerNo?: string;
  /** The account's own number. Default `+12125550123`. */
  apiNo?: string;
  /** Default `inbound`. */
  direction?: Direction;
  /** Outbound: how long it rings before the remote party answers. Default 2 s; `Infinity`: nobody does. */
  answersAfterMs?: number;
  /** Start of the call: epoch milliseconds or an ISO 8601 time. Default 2026-01-02T09:00:00Z. */
  at?: number | string;
  sessionData?: JsonObject | null;
  customData?: JsonObject | null;
  /** More about the call, such as the places of the numbers. */
  call?: Partial<CallInfo>;
  settings?: Partial<FlowSettings>;
  limits?: Partial<LanguageLimits>;
  /** For `Math.random()`. Default 1. */
  seed?: number;
  /** One entry for every time the call waits for keys, in order; `''` lets that time pass. */
  presses?: readonly string[];
  /** What the caller does, in this order, after the `presses`: one entry for every time the call waits for an answer. */
  acts?: readonly CallerAct[];
  /** Why nobody can understand what the caller says; somebody can when not given. */
  speechError?: string;
  /** The caller hangs up that long after the start of the call. */
  hangupAfterMs?: number;
  /** How long the web server takes to answer a callback. Default 50 ms; `Infinity`: it never does. */
  callbackMs?: (request: SimulatedRequest) => number;
  /** How long something plays, or why it cannot be played, at once or after a while. Default {@link estimatedDurationMs}. */
  playback?: (source: PlaySource) => number | Error | { failure: string; afterMs: number };
  /** What becomes of transfers. Without any, everybody answers. */
  transfers?: readonly SimulatedTransfer[];
  /** What happens in conferences. */
  conferences?: readonly SimulatedConference[];
  queues?: readonly SimulatedQueue[];
  /** What becomes of agents whom queues ring. Without any, everybody answers. */
  agents?: readonly SimulatedAgent[];
  recordings?: readonly SimulatedRecording[];
  streams?: readonly SimulatedStream[];
  /** Who or what answers; `beepMs`: when the tone of a machine has ended, counted from when it is listened for. */
  party?: { is: Party; afterMs?: number; beepMs?: number | null };
  /** Answers HTTP; status 200 and an empty text when not given. */
  http?: AnswerHttp;
  /** Why a message cannot be sent; it is when not given. */
  messageError?: string;
  /** Answers REDIRECTs of a flow that is given as a document; without it they fail. */
  redirects?: (request: SimulatedRequest) => SimulatedAnswer;
  /** The caller gives up when that many callbacks have been asked for. Default 100. */
  maxCallbacks?: number;
}

/** One line of the transcript. */
export interface TranscriptEntry {
  /** Since the start of the call. */
  atMs: number;
  type:
    | 'call'
    | 'message'
    | 'callback'
    | 'answered'
    | 'hears'
    /** What a callee of a TRANSFER hears and presses before it is connected. */
    | 'callee'
    | 'presses'
    | 'says'
    | 'collected'
    | 'branch'
    | 'sets'
    | 'does'
    | 'warning'
    | 'error'
    | 'hangs_up'
    | 'ended';
  /** For people. */
  text: string;
  /** Place in the document. */
  path: string | null;
  /** What a program may want to know: `{ source }` of `hears`, `{ digits }`, `{ request, answer }` … */
  data: JsonObject;
}

/** What became of a callback. */
export interface SimulatedCallback {
  request: SimulatedRequest;
  /** Null when it failed, or while it is awaited. */
  answer: string | null;
  failure: string | null;
}

const MS_PER_CHARACTER = 65;
const PAUSE_MS = 300;
const FILE_MS = 5_000;

/**
 * How long something plays when nobody says it better: a text 300 ms and 65 ms for every character, which is what a
 * voice at normal speed takes; an audio file 5 s, less where it begins later.
 */
export function estimatedDurationMs(source: PlaySource): number {
  if (source.kind === 'url') return Math.max(0, FILE_MS - (source.offsetMs ?? 0));
  if (source.parts === undefined) return PAUSE_MS + MS_PER_CHARACTER * source.text.length;
  const lengths = source.parts.map((part) =>
    'pauseMs' in part ? part.pauseMs : (MS_PER_CHARACTER * part.text.length) / part.rate,
  );
  return Math.round(lengths.reduce((sum, length) => sum + length, PAUSE_MS));
}
