import { defaultFlowSettings } from '../flow-settings.ts';
import { createInterpreter, type Interpreter } from '../interpreter/interpreter.ts';
import type { State } from '../interpreter/state.ts';
import type { CalleeLeg, CallOutcome, Effect, Input, JsonObject, KeyPressEntry } from '../io.ts';
import { Agenda } from './agenda.ts';
import { narrate } from './narration.ts';
import {
  type AnswerCallback,
  estimatedDurationMs,
  type SimulatedCallback,
  type SimulatedRequest,
  type SimulationScript,
  type TranscriptEntry,
} from './script.ts';
import { ScriptedCallees } from './scripted-callees.ts';
import { KEY_MS, ScriptedCaller, TONE_MS } from './scripted-caller.ts';
import { scriptedInfo, startTimeMs } from './scripted-start.ts';
import { speakingMs } from './voice.ts';
import { carryOutInWorld, type Schedule, type World } from './world/world.ts';

/** Work of a simulation; gives out the promises it has to wait for, and is given what they hold. */
export type Progress = Generator<Promise<unknown>, void, unknown>;

/** Something that was played to the caller. */
interface Heard {
  /** The text, or the address of the file. */
  what: string;
  playbackId: string;
  isOver: boolean;
}

const NETWORK_MS = 50;
const RINGING_MS = 2_000;
const DEFAULT_MAX_CALLBACKS = 100;
/** Ends a simulation that would never come to rest. */
const MAX_INPUTS = 100_000;

/** What a line is made of besides its script; each as the script has it when not given. */
interface Parts {
  interpreter?: Interpreter;
  /** Is asked before the line itself. */
  world?: World;
}

let shared: Interpreter | null = null;

function interpreterFor(script: SimulationScript): Interpreter {
  if (script.limits !== undefined) return createInterpreter({ limits: script.limits });
  shared ??= createInterpreter();
  return shared;
}

/**
 * A telephone line in virtual time, with a scripted caller at its other end. It carries out the interpreter's effects:
 * the network takes 50 ms, ringing 2 s, a key 200 ms, the caller half a second to react, a playback as long as estimated.
 */
export class VirtualLine {
  readonly entries: TranscriptEntry[] = [];
  readonly heard: Heard[] = [];
  readonly callbacks: SimulatedCallback[] = [];
  /** Everything that happened to the call: enough to replay it. */
  readonly inputs: Input[] = [];
  readonly effects: Effect[] = [];
  state: State;
  outcome: CallOutcome | null = null;
  /** How many COLLECTs are over. */
  collected = 0;
  /** How many times a COLLECT has asked again. */
  askedAgain = 0;
  readonly #answerCallback: AnswerCallback;
  readonly #script: SimulationScript;
  readonly #interpreter: Interpreter;
  readonly #world: World;
  readonly #agenda = new Agenda();
  readonly #schedule: Schedule = {
    later: (delayMs, id, make) => this.#later(delayMs, id, make),
    cancel: (id) => this.#agenda.remove(id),
    begin: (id, inMs) => this.#agenda.begin(id, this.#nowMs + inMs),
    since: (id) => this.#agenda.since(id, this.#nowMs),
    screened: new Map(),
  };
  readonly #caller: ScriptedCaller;
  readonly #callees: ScriptedCallees;
  readonly #startMs: number;
  #nowMs: number;
  #request: Extract<Effect, { type: 'request_callback' | 'finish' }> | null = null;
  /** Of the action started last, which is what plays. */
  #lastPath: string | null = null;
  /** The same on the leg of a callee. */
  #lastCalleePath: string | null = null;
  /** Of the action that ended last in this step, which is what hangs up. */
  #endingPath: string | null = null;
  #isAnswered = false;

  /**
   * @param flowUrl where the flow comes from; what is no http(s) address has nobody who wants the last callback
   * @throws RangeError when `script.at` is no time
   */
  constructor(answerCallback: AnswerCallback, script: SimulationScript, flowUrl: string, parts: Parts = {}) {
    this.#answerCallback = answerCallback;
    this.#script = script;
    this.#interpreter = parts.interpreter ?? interpreterFor(script);
    this.#world =
      parts.world ?? ((effect, schedule) => carryOutInWorld(effect, this.#caller.worldScript(effect), schedule));
    this.#caller = new ScriptedCaller(script, {
      nowMs: () => this.#nowMs,
      later: (delayMs, id, make) => this.#later(delayMs, id, make),
      cancel: (id) => this.#agenda.remove(id),
      tell: (...entry) => this.#tell(...entry),
      isListening: () => this.isListening(),
    });
    this.#callees = new ScriptedCallees(script.transfers ?? [], {
      later: (delayMs, id, make) => this.#later(delayMs, id, make),
      tell: (...entry) => this.#tell(...entry),
      isListening: (leg) => this.#takesKey('1', leg),
    });
    this.#startMs = startTimeMs(script.at);
    this.#nowMs = this.#startMs;
    this.state = this.#interpreter.initialState();
    this.#begin(flowUrl);
  }

  /** Since the start of the call. */
  get elapsedMs(): number {
    return this.#nowMs - this.#startMs;
  }

  /** When the line does something next, since the start of the call; null when it waits for somebody. */
  get nextElapsedMs(): number | null {
    const nextAtMs = this.#agenda.nextAtMs();
    return nextAtMs === null ? null : nextAtMs - this.#startMs;
  }

  /** The flow would take a key now. */
  isListening(digit = '1'): boolean {
    return this.#isAnswered && this.#takesKey(digit);
  }

  #takesKey(digit: string, leg?: CalleeLeg): boolean {
    const key = { type: 'digit', digit, durationMs: TONE_MS, atMs: this.#nowMs, ...(leg && { leg }) } as const;
    const { events } = this.#interpreter.step(this.state, key);
    return this.outcome === null && !events.some(({ type }) => type === 'digit_ignored');
  }

  /** The flow would hear now what the caller says. */
  get isHearing(): boolean {
    return this.#caller.voice.isListenedTo && this.outcome === null;
  }

  /** Lets time pass until a condition holds, the call is over, or the time is up. */
  *advance(isReached: () => boolean, untilElapsedMs = Number.POSITIVE_INFINITY): Progress {
    const untilMs = this.#startMs + untilElapsedMs;
    for (;;) {
      yield* this.#askServer();
      if (this.outcome !== null || isReached()) return;
      if (this.heard.at(-1)?.isOver !== false)
        this.#caller.answer(this.heard.length + this.collected + this.askedAgain);
      this.#callees.answer();
      const nextAtMs = this.#agenda.nextAtMs();
      const hangupAtMs = this.#startMs + (this.#script.hangupAfterMs ?? Number.POSITIVE_INFINITY);
      if (Math.min(nextAtMs ?? untilMs, hangupAtMs) > untilMs) {
        this.#nowMs = untilMs;
        return;
      }
      if (hangupAtMs <= (nextAtMs ?? hangupAtMs) && hangupAtMs !== Number.POSITIVE_INFINITY) {
        this.#nowMs = Math.max(this.#nowMs, hangupAtMs);
        this.hangUp('the caller');
      } else if (nextAtMs === null) {
        if (untilMs !== Number.POSITIVE_INFINITY) {
          this.#nowMs = untilMs;
          return;
        }
        this.hangUp('the caller: nothing more happens in this call');
      } else if (this.inputs.length >= MAX_INPUTS) {
        this.hangUp(`the caller: ${MAX_INPUTS} things have happened and the call is not over`);
      } else {
        this.#nowMs = nextAtMs;
        const input = this.#agenda.take();
        if (input !== null) this.#input(input);
      }
    }
  }

  /** The caller presses keys, one after the other. */
  *press(keys: string): Progress {
    this.#tell('presses', keys, null, { digits: keys });
    for (const digit of keys) {
      if (this.outcome !== null) return;
      this.#input({ type: 'digit', digit, durationMs: TONE_MS, atMs: this.#nowMs });
      yield* this.advance(() => false, this.elapsedMs + KEY_MS);
    }
  }

  /** The caller says something, and time passes until it is understood. */
  *say(says: string, confidence?: number | null): Progress {
    this.#caller.speak({ says, ...(confidence !== undefined && { confidence }) });
    yield* this.advance(() => false, this.elapsedMs + speakingMs(says));
    yield* this.advance(() => !this.#caller.voice.isAwaited);
  }

  /** Something that the caller, or anybody else, does to the call happens now. */
  take(input: Input): void {
    this.#input({ ...input, atMs: this.#nowMs });
  }

  /** The caller ends the call. */
  hangUp(who: string): void {
    if (this.outcome !== null) return;
    this.#agenda.clear();
    this.#tell('hangs_up', who);
    const status = this.#isAnswered ? 'completed' : 'canceled';
    this.#input({ type: 'ended', status, by: 'caller', reason: 'BYE', error: null, atMs: this.#nowMs });
  }

  #begin(flowUrl: string): void {
    const script = this.#script;
    const call = scriptedInfo('1@simulation', script, this.#startMs);
    const callback = { url: flowUrl, method: 'POST', contentType: 'application/json' } as const;
    const settings = { ...defaultFlowSettings(callback), ...script.settings };
    const from = call.direction === 'inbound' ? `from ${call.callerNo} to ${call.apiNo}` : `to ${call.callerNo}`;
    this.#tell('call', `${call.direction} ${from} at ${new Date(this.#startMs).toISOString()}`);
    const sessionData = script.sessionData ?? null;
    const seed = script.seed ?? 1;
    this.#input({ type: 'start', atMs: this.#nowMs, call, settings, sessionData, seed });
    const ringsForMs = script.answersAfterMs ?? RINGING_MS;
    if (call.direction === 'outbound' && ringsForMs !== Number.POSITIVE_INFINITY)
      this.#later(ringsForMs, null, (atMs) => ({ type: 'answered', atMs }));
  }

  #input(input: Input): void {
    this.inputs.push(input);
    if (input.type === 'answered' && !this.#isAnswered) {
      this.#isAnswered = true;
      this.#tell('answered', '');
    }
    if (input.type === 'playback_ended' || input.type === 'playback_failed') this.#playbackOver(input.playbackId);
    this.#callees.take(input);
    const { state, effects, events } = this.#interpreter.step(this.state, input);
    this.state = state;
    for (const event of events) {
      const { type, data } = event;
      if (data.callee !== undefined) this.#callees.note(event);
      else if (type === 'digits_collected') this.collected += 1;
      else if (type === 'branch_taken' && Object.hasOwn(data, 'retries_left')) this.askedAgain += 1;
    }
    for (const { type, text, path, data } of narrate(events, effects)) this.#tell(type, text, path, data);
    const isFlowOver = state.kind === 'call' && state.phase.name === 'apologising';
    const started = events.filter(({ type }) => type === 'action_started');
    const ofCall = started.findLast(({ data }) => data.callee === undefined);
    const ofCallee = started.findLast(({ data }) => data.callee !== undefined);
    this.#lastPath = isFlowOver ? null : (ofCall?.path ?? this.#lastPath);
    this.#lastCalleePath = ofCallee?.path ?? this.#lastCalleePath;
    const last = events.at(-1);
    this.#endingPath = last?.type === 'action_ended' ? last.path : null;
    for (const effect of effects) {
      this.effects.push(effect);
      this.#carryOut(effect);
    }
  }

  #carryOut(effect: Effect): void {
    if (this.#world(effect, this.#schedule)) return;
    switch (effect.type) {
      case 'ring':
        return;
      case 'answer':
        this.#later(NETWORK_MS, null, (atMs) => ({ type: 'answered', atMs }));
        return;
      case 'request_callback':
        this.#request = effect;
        return;
      case 'play':
        this.#play(effect);
        return;
      case 'stop_playback':
        this.#stopPlayback(effect.playbackId);
        return;
      case 'set_timer': {
        const { timerId } = effect;
        this.#later(effect.durationMs, timerId, (atMs) => ({ type: 'timer', timerId, atMs }));
        return;
      }
      case 'cancel_timer':
        this.#agenda.remove(effect.timerId);
        return;
      case 'start_listening':
        this.#caller.voice.startListening(effect);
        return;
      case 'stop_listening':
        this.#caller.voice.stopListening(effect.listenId);
        return;
      case 'send_digits': {
        const { sendId, digits } = effect;
        this.#tell('does', `sends keys ${digits}`, null, { digits });
        this.#later(digits.length * KEY_MS, null, (atMs) => ({ type: 'digits_sent', sendId, error: null, atMs }));
        return;
      }
      case 'dial':
        this.#tell('does', `dials ${effect.no} from ${effect.callerIdNo}`, null, { no: effect.no });
        return;
      case 'hang_up': {
        const { reason } = effect;
        const status = this.#isAnswered ? 'completed' : 'canceled';
        this.#tell('hangs_up', `the flow: ${reason}`, this.#endingPath);
        this.#later(NETWORK_MS, null, (atMs) => ({ type: 'ended', status, by: 'api', reason, error: null, atMs }));
        return;
      }
      case 'finish':
        this.#finish(effect);
        return;
    }
  }

  #play({ playbackId, source, leg }: Extract<Effect, { type: 'play' }>): void {
    const length = (this.#script.playback ?? estimatedDurationMs)(source);
    if (length instanceof Error) {
      const reason = length.message;
      this.#later(0, playbackId, (atMs) => ({ type: 'playback_failed', playbackId, reason, atMs }));
      return;
    }
    const what = source.kind === 'say' ? source.text : source.url;
    const heard = source.kind === 'say' ? `"${what}"` : what;
    const data = { source: { ...source } };
    if (leg === undefined) {
      this.#replace(this.heard.findLast(({ isOver }) => !isOver)?.playbackId ?? null);
      this.heard.push({ what, playbackId, isOver: false });
      this.#tell('hears', heard, this.#lastPath, data);
    } else {
      this.#replace(this.#callees.plays(leg, playbackId));
      this.#tell('callee', `${leg.no} hears ${heard}`, this.#lastCalleePath, { callee: leg.no, ...data });
    }
    this.#later(Math.max(0, length), playbackId, (atMs) => {
      return { type: 'playback_ended', playbackId, outcome: 'completed', atMs };
    });
  }

  #replace(playbackId: string | null): void {
    if (playbackId !== null) this.#stopPlayback(playbackId);
  }

  #stopPlayback(playbackId: string): void {
    if (!this.#agenda.remove(playbackId)) return;
    this.#later(0, null, (atMs) => ({ type: 'playback_ended', playbackId, outcome: 'stopped', atMs }));
  }

  #playbackOver(playbackId: string): void {
    const heard = this.heard.findLast((other) => other.playbackId === playbackId);
    if (heard !== undefined) heard.isOver = true;
  }

  #finish(effect: Extract<Effect, { type: 'finish' }>): void {
    const { status, connectTimeSec } = effect.record;
    this.outcome = effect.record;
    this.#agenda.clear();
    for (const heard of this.heard) heard.isOver = true;
    const by = effect.record.hangupEnd === 'caller' ? 'the caller' : 'the flow';
    const pressed = effect.body.key_presses.map(
      (entry) => `${entry.name ?? 'unnamed'}: ${answerIn(entry) || 'nothing'}`,
    );
    for (const says of this.#caller.unsaid)
      this.#tell('warning', `the caller had "${says}" to say, but nothing listened`);
    const last = pressed.length === 0 ? '' : `; last key presses: ${pressed.join(', ')}`;
    this.#tell('ended', `${status}, by ${by}, connected ${connectTimeSec} s${last}`, null, { ...effect.record });
    this.#request = effect;
  }

  /** Has the waiting callback answered, which takes no time of the call but the network's. */
  *#askServer(): Progress {
    const effect = this.#request;
    if (effect === null) return;
    this.#request = null;
    if (effect.type === 'request_callback' && this.callbacks.length >= this.#maxCallbacks()) {
      this.hangUp(`the caller: the flow has been asked for ${this.callbacks.length} times`);
      yield* this.#askServer();
      return;
    }
    // The last callback of a flow that is simply there goes nowhere.
    const { url, method, contentType } = effect.target;
    if (effect.type === 'finish' && !isRequest(url)) return;
    const request: SimulatedRequest = { url, method, contentType, body: effect.body };
    const callback: SimulatedCallback = { request, answer: null, failure: null };
    this.callbacks.push(callback);
    try {
      const given = this.#answerCallback(request);
      const answer = given instanceof Promise ? yield given : given;
      callback.answer = typeof answer === 'string' ? answer : JSON.stringify(answer ?? null);
    } catch (error) {
      callback.failure = error instanceof Error ? error.message : String(error);
    }
    this.#tellOfCallback(callback);
    if (effect.type === 'request_callback') this.#deliver(effect.requestId, callback);
  }

  #deliver(requestId: string, { request, answer, failure }: SimulatedCallback): void {
    const takesMs = this.#script.callbackMs?.(request) ?? NETWORK_MS;
    if (takesMs === Number.POSITIVE_INFINITY) return;
    this.#later(takesMs, null, (atMs) =>
      answer === null
        ? { type: 'callback_failed', requestId, reason: failure ?? '', atMs }
        : { type: 'callback_answered', requestId, httpStatus: 200, bodyText: answer, atMs },
    );
  }

  #tellOfCallback({ request, answer, failure }: SimulatedCallback): void {
    const { url, method, body } = request;
    const where = isRequest(url) ? `${method} ${url}` : url;
    const pressed = body.key_presses.map((entry) => ` ${entry.name ?? 'unnamed'}="${answerIn(entry)}"`).join('');
    const data = { url, method, body: { ...body }, answer, failure } as unknown as JsonObject;
    const outcome = failure === null ? '' : ` failed: ${failure}`;
    this.#tell('callback', `${body.type} to ${where}${pressed}${outcome}`, null, data);
  }

  #maxCallbacks(): number {
    return this.#script.maxCallbacks ?? DEFAULT_MAX_CALLBACKS;
  }

  #later(delayMs: number, id: string | null, make: (atMs: number) => Input | null): void {
    this.#agenda.add(this.#nowMs + delayMs, id, make);
  }

  #tell(type: TranscriptEntry['type'], text: string, path: string | null = null, data: JsonObject = {}): void {
    this.entries.push({ atMs: this.elapsedMs, type, text, path, data });
  }
}

/** What was pressed, else what was said. */
function answerIn({ digits, speech = '' }: KeyPressEntry): string {
  return digits === '' ? speech : digits;
}

function isRequest(url: string): boolean {
  return /^https?:/i.test(url);
}
