import { defaultFlowSettings } from '../flow-settings.ts';
import { createInterpreter, type Interpreter, type StepResult } from '../interpreter/interpreter.ts';
import type { State } from '../interpreter/state.ts';
import type { CalleeLeg, CallOutcome, Effect, Input, JsonObject, KeyPressEntry } from '../io.ts';
import {
  answerText,
  DEFAULT_MAX_CALLBACKS,
  deliver,
  failureText,
  isRequest,
  NETWORK_MS,
  tellOfCallback,
} from './callback.ts';
import { isCutByKey, isCutByVoice } from './cut-short.ts';
import { EndlessWait, whatWouldEnd } from './endless-wait.ts';
import { narrate } from './narration.ts';
import type { Progress } from './progress.ts';
import { Prompts } from './prompts.ts';
import type {
  AnswerCallback,
  SimulatedCallback,
  SimulatedRequest,
  SimulationScript,
  TranscriptEntry,
} from './script.ts';
import { ScriptedCallees } from './scripted-callees.ts';
import { KEY_MS, REACTION_MS, ScriptedCaller, TONE_MS } from './scripted-caller.ts';
import { scriptedInfo } from './scripted-start.ts';
import { Timeline } from './timeline.ts';
import { speakingMs, VOICE_MS } from './voice.ts';
import { calleeScript, carryOutInWorld, type World } from './world/world.ts';

const RINGING_MS = 2_000;
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
  readonly #time: Timeline;
  readonly #caller: ScriptedCaller;
  readonly #callees: ScriptedCallees;
  readonly #prompts: Prompts;
  readonly #endlessWait: EndlessWait;
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
    this.#time = new Timeline(script.at);
    this.#caller = new ScriptedCaller(script, this.#time, (digit) => this.isListening(digit));
    this.#callees = new ScriptedCallees(this.#time, {
      scriptOf: (leg) => calleeScript(leg, script, this.#time.schedule),
      isListening: (leg) => this.#takesKey('1', leg),
      speechError: script.speechError ?? null,
    });
    this.#prompts = new Prompts(script.playback, this.#callees, this.#time);
    this.#endlessWait = new EndlessWait(this.#time.pending);
    this.state = this.#interpreter.initialState();
    this.#begin(flowUrl);
  }

  get entries(): readonly TranscriptEntry[] {
    return this.#time.entries;
  }

  /** What the caller heard. */
  get heard(): Prompts['heard'] {
    return this.#prompts.heard;
  }

  /** Something is being played to the caller. */
  get isPlaying(): boolean {
    return this.#prompts.isPlaying;
  }

  /** Since the start of the call. */
  get elapsedMs(): number {
    return this.#time.elapsedMs;
  }

  /** When the line does something next, since the start of the call; null when it waits for somebody. */
  get nextElapsedMs(): number | null {
    return this.#time.nextElapsedMs;
  }

  /** The flow would take a key now. */
  isListening(digit = '1'): boolean {
    return this.#isAnswered && this.#takesKey(digit);
  }

  #takesKey(digit: string, leg?: CalleeLeg): boolean {
    const { events } = this.#tryKey(digit, leg);
    return this.outcome === null && !events.some(({ type }) => type === 'digit_ignored');
  }

  /** What the caller's voice would lead to, of whoever listens. */
  #tryVoice(listenId: string): StepResult {
    return this.#interpreter.step(this.state, { type: 'speech_started', listenId, atMs: this.#time.nowMs });
  }

  /** What a key would lead to. */
  #tryKey(digit: string, leg?: CalleeLeg): StepResult {
    const key = { type: 'digit', digit, durationMs: TONE_MS, atMs: this.#time.nowMs, ...(leg && { leg }) } as const;
    return this.#interpreter.step(this.state, key);
  }

  /** The caller does what the script has next: as a rule nobody talks over a prompt. */
  #isCallersTurn(): boolean {
    if (!this.isPlaying || this.#prompts.goesRound) return true;
    const { nextKey, hasWords, voice } = this.#caller;
    const { leftMs } = this.#prompts;
    if (nextKey !== null) return leftMs > REACTION_MS && isCutByKey(this.#tryKey(nextKey));
    if (!hasWords || voice.listenId === null || leftMs <= REACTION_MS + VOICE_MS) return false;
    return isCutByVoice(this.#tryVoice(voice.listenId));
  }

  /** The flow would hear now what the caller says. */
  get isHearing(): boolean {
    return this.#caller.voice.isListenedTo && this.outcome === null;
  }

  /**
   * Only the longest time of the call would end what goes on now, and nobody has said what it is. Who waits for more than
   * time to pass does not wait for that.
   */
  get isEndless(): boolean {
    const { state } = this;
    const { settings, hangupAfterMs } = this.#script;
    if (state.kind !== 'call' || settings?.maxCallTimeMs !== undefined || hangupAfterMs !== undefined) return false;
    return this.#request === null && this.#endlessWait.isAt(state);
  }

  /** Lets time pass until a condition holds, the call is over, or the time is up. */
  *advance(isReached: () => boolean, untilElapsedMs = Number.POSITIVE_INFINITY): Progress {
    const untilMs = this.#time.startMs + untilElapsedMs;
    for (;;) {
      yield* this.#askServer();
      if (this.outcome !== null || isReached()) return;
      if (this.#isCallersTurn()) this.#caller.answer(this.heard.length + this.collected + this.askedAgain);
      this.#callees.answer();
      const { isEndless } = this;
      const { nextAtMs } = this.#time;
      const hangupAtMs = this.#time.startMs + (this.#script.hangupAfterMs ?? Number.POSITIVE_INFINITY);
      if (Math.min(nextAtMs ?? untilMs, hangupAtMs) > untilMs) {
        this.#time.nowMs = untilMs;
        return;
      }
      if (hangupAtMs <= (nextAtMs ?? hangupAtMs) && hangupAtMs !== Number.POSITIVE_INFINITY) {
        this.#time.nowMs = Math.max(this.#time.nowMs, hangupAtMs);
        this.hangUp('the caller');
      } else if (nextAtMs === null) {
        if (untilMs !== Number.POSITIVE_INFINITY) {
          this.#time.nowMs = untilMs;
          return;
        }
        this.hangUp('the caller: nothing more happens in this call');
      } else if (untilMs === Number.POSITIVE_INFINITY && isEndless) {
        this.#leaveEndlessWait();
      } else if (this.inputs.length >= MAX_INPUTS) {
        this.hangUp(`the caller: ${MAX_INPUTS} things have happened and the call is not over`);
      } else {
        this.#time.nowMs = nextAtMs;
        const input = this.#time.take();
        if (input !== null) this.#input(input);
      }
    }
  }

  /** The caller presses keys, one after the other. */
  *press(keys: string): Progress {
    this.#time.tell('presses', keys, null, { digits: keys });
    for (const digit of keys) {
      if (this.outcome !== null) return;
      this.#input({ type: 'digit', digit, durationMs: TONE_MS, atMs: this.#time.nowMs });
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
    this.#input({ ...input, atMs: this.#time.nowMs });
  }

  #leaveEndlessWait(): void {
    const joined = this.state.kind === 'call' ? (this.state.joined?.kind ?? null) : null;
    this.hangUp(`the caller: ${whatWouldEnd(joined, this.isListening())}`, { endless: joined ?? 'flow' });
  }

  /** The caller ends the call. */
  hangUp(who: string, data: JsonObject = {}): void {
    if (this.outcome !== null) return;
    this.#time.clear();
    this.#time.tell('hangs_up', who, null, data);
    const status = this.#isAnswered ? 'completed' : 'canceled';
    this.#input({ type: 'ended', status, by: 'caller', reason: 'BYE', error: null, atMs: this.#time.nowMs });
  }

  #begin(flowUrl: string): void {
    const script = this.#script;
    const call = scriptedInfo('1@simulation', script, this.#time.startMs);
    const callback = { url: flowUrl, method: 'POST', contentType: 'application/json' } as const;
    const settings = { ...defaultFlowSettings(callback), ...script.settings };
    const from = call.direction === 'inbound' ? `from ${call.callerNo} to ${call.apiNo}` : `to ${call.callerNo}`;
    this.#time.tell('call', `${call.direction} ${from} at ${new Date(this.#time.startMs).toISOString()}`);
    const sessionData = script.sessionData ?? null;
    const seed = script.seed ?? 1;
    this.#input({ type: 'start', atMs: this.#time.nowMs, call, settings, sessionData, seed });
    const ringsForMs = script.answersAfterMs ?? RINGING_MS;
    if (call.direction === 'outbound' && ringsForMs !== Number.POSITIVE_INFINITY)
      this.#time.later(ringsForMs, null, (atMs) => ({ type: 'answered', atMs }));
  }

  #input(input: Input): void {
    this.inputs.push(input);
    if (input.type === 'answered' && !this.#isAnswered) {
      this.#isAnswered = true;
      this.#time.tell('answered', '');
    }
    if (input.type === 'playback_ended' || input.type === 'playback_failed') this.#prompts.end(input.playbackId);
    this.#callees.take(input);
    const { state, effects, events } = this.#interpreter.step(this.state, input);
    this.state = state;
    for (const event of events) {
      const { type, data } = event;
      if (data.callee !== undefined) this.#callees.note(event);
      else if (type === 'digits_collected') this.collected += 1;
      else if (type === 'branch_taken' && Object.hasOwn(data, 'retries_left')) this.askedAgain += 1;
    }
    for (const { type, text, path, data } of narrate(events, effects)) this.#time.tell(type, text, path, data);
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
    if (this.#world(effect, this.#time.schedule) || this.#time.carryOut(effect)) return;
    switch (effect.type) {
      case 'ring':
        return;
      case 'answer':
        this.#time.later(NETWORK_MS, null, (atMs) => ({ type: 'answered', atMs }));
        return;
      case 'request_callback':
        this.#request = effect;
        return;
      case 'play':
        this.#prompts.play(effect, effect.leg === undefined ? this.#lastPath : this.#lastCalleePath);
        return;
      case 'stop_playback':
        this.#prompts.stop(effect.playbackId);
        return;
      case 'start_listening':
      case 'stop_listening':
        if (effect.leg !== undefined) this.#callees.listen(effect, effect.leg);
        else if (effect.type === 'start_listening') this.#caller.voice.startListening(effect);
        else this.#caller.voice.stopListening(effect.listenId);
        return;
      case 'send_digits': {
        const { sendId, digits } = effect;
        this.#time.tell('does', `sends keys ${digits}`, null, { digits });
        this.#time.later(digits.length * KEY_MS, null, (atMs) => ({ type: 'digits_sent', sendId, error: null, atMs }));
        return;
      }
      case 'hang_up': {
        const { reason } = effect;
        const status = this.#isAnswered ? 'completed' : 'canceled';
        this.#time.tell('hangs_up', `the flow: ${reason}`, this.#endingPath);
        this.#time.later(NETWORK_MS, null, (atMs) => ({ type: 'ended', status, by: 'api', reason, error: null, atMs }));
        return;
      }
      case 'finish':
        this.#finish(effect);
        return;
    }
  }

  #finish(effect: Extract<Effect, { type: 'finish' }>): void {
    const { status, connectTimeSec } = effect.record;
    this.outcome = effect.record;
    this.#time.clear();
    this.#prompts.endAll();
    const by = effect.record.hangupEnd === 'caller' ? 'the caller' : 'the flow';
    const pressed = effect.body.key_presses.map(
      (entry) => `${entry.name ?? 'unnamed'}: ${answerIn(entry) || 'nothing'}`,
    );
    for (const undone of this.#caller.undone) this.#time.tell('warning', undone);
    const last = pressed.length === 0 ? '' : `; last key presses: ${pressed.join(', ')}`;
    this.#time.tell('ended', `${status}, by ${by}, connected ${connectTimeSec} s${last}`, null, { ...effect.record });
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
      callback.answer = answerText(answer ?? null);
    } catch (error) {
      callback.failure = failureText(error);
    }
    const pressed = request.body.key_presses.map((entry) => ` ${entry.name ?? 'unnamed'}="${answerIn(entry)}"`);
    tellOfCallback(callback, pressed.join(''), this.#time);
    if (effect.type !== 'request_callback') return;
    const takesMs = this.#script.callbackMs?.(request) ?? NETWORK_MS;
    if (takesMs !== Number.POSITIVE_INFINITY) deliver(effect.requestId, callback, takesMs, this.#time);
  }

  #maxCallbacks(): number {
    return this.#script.maxCallbacks ?? DEFAULT_MAX_CALLBACKS;
  }
}

/** What was pressed, else what was said. */
function answerIn({ digits, speech = '' }: KeyPressEntry): string {
  return digits === '' ? speech : digits;
}
