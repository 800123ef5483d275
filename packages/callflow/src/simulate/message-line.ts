import { defaultFlowSettings } from '../flow-settings.ts';
import { createInterpreter, type Interpreter } from '../interpreter/interpreter.ts';
import type { State } from '../interpreter/state.ts';
import type { Effect, IncomingMessage, Input, MessageOutcome } from '../io.ts';
import { keywordOf, OPTED_OUT } from '../keyword/keyword.ts';
import { answerText, DEFAULT_MAX_CALLBACKS, deliver, failureText, NETWORK_MS, tellOfCallback } from './callback.ts';
import type {
  AnswerMessageCallback,
  MessageScript,
  SentMessage,
  SimulatedMessageCallback,
  SimulatedMessageRequest,
} from './message-script.ts';
import { narrate } from './narration.ts';
import type { Progress } from './progress.ts';
import type { TranscriptEntry } from './script.ts';
import { scriptedInfo } from './scripted-start.ts';
import { Timeline } from './timeline.ts';
import { carryOutInWorld, type Schedule, type World } from './world/world.ts';

const LONGEST_MS = 60_000;
/** Ends a simulation that would never come to rest. */
const MAX_INPUTS = 10_000;

/** What a line is made of besides its script; each as the script has it when not given. */
interface Parts {
  interpreter?: Interpreter;
  /** Everybody but the web server. */
  world?: World;
  message?: IncomingMessage;
  /** How long the next callback takes; `Infinity`: it is not answered. */
  callbackMs?: () => number;
}

/** A text message in virtual time: carries out what its flow wants done, and feeds back what would come of it. */
export class MessageLine {
  readonly sent: SentMessage[] = [];
  readonly callbacks: SimulatedMessageCallback[] = [];
  /** Everything that happened to the flow: enough to replay it. */
  readonly inputs: Input[] = [];
  state: State;
  outcome: MessageOutcome | null = null;
  readonly #answer: AnswerMessageCallback;
  readonly #script: MessageScript;
  readonly #interpreter: Interpreter;
  readonly #world: World;
  readonly #callbackMs: () => number;
  readonly #message: IncomingMessage;
  readonly #time: Timeline;
  #request: Extract<Effect, { type: 'request_message_callback' }> | null = null;

  /** @throws RangeError when `script.at` is no time */
  constructor(answer: AnswerMessageCallback, script: MessageScript, flowUrl: string, parts: Parts = {}) {
    this.#answer = answer;
    this.#script = script;
    this.#interpreter =
      parts.interpreter ?? createInterpreter(script.limits === undefined ? {} : { limits: script.limits });
    this.#world = parts.world ?? ((effect, schedule) => this.#carryOutInWorld(effect, schedule));
    this.#callbackMs = parts.callbackMs ?? (() => NETWORK_MS);
    this.#time = new Timeline(script.at);
    this.#message = parts.message ?? scriptedMessage(script);
    this.state = this.#interpreter.initialState();
    this.#begin(flowUrl);
  }

  get entries(): readonly TranscriptEntry[] {
    return this.#time.entries;
  }

  /** Since the message came in. */
  get elapsedMs(): number {
    return this.#time.elapsedMs;
  }

  /** When something happens next, since the message came in; null when nothing will. */
  get nextElapsedMs(): number | null {
    return this.#time.nextElapsedMs;
  }

  /** Lets time pass until a condition holds, the flow is over, or the time is up. */
  *advance(isReached: () => boolean, untilElapsedMs = Number.POSITIVE_INFINITY): Progress {
    const untilMs = this.#time.startMs + untilElapsedMs;
    for (;;) {
      yield* this.#askServer();
      if (this.outcome !== null || isReached()) return;
      const { nextAtMs } = this.#time;
      if (untilMs !== Number.POSITIVE_INFINITY && (nextAtMs ?? Number.POSITIVE_INFINITY) > untilMs) {
        this.#time.nowMs = untilMs;
        return;
      }
      if (nextAtMs === null || this.inputs.length >= MAX_INPUTS) {
        const reason = 'nothing more happens in this simulation';
        this.#input({ type: 'ended', status: 'failed', by: 'api', reason, error: null, atMs: this.#time.nowMs });
      } else {
        this.#time.nowMs = nextAtMs;
        const input = this.#time.take();
        if (input !== null) this.#input(input);
      }
    }
  }

  /** Something that others do to the flow happens now. */
  take(input: Input): void {
    this.#input({ ...input, atMs: this.#time.nowMs });
  }

  #begin(flowUrl: string): void {
    const call = scriptedInfo('simulated-message', this.#script, this.#time.startMs);
    const callback = { url: flowUrl, method: 'POST', contentType: 'application/json' } as const;
    const settings = { ...defaultFlowSettings(callback), maxCallTimeMs: LONGEST_MS, ...this.#script.settings };
    const keyword = this.#message.keyword === null ? '' : ` (${this.#message.keyword.type})`;
    this.#time.tell('message', `from ${call.callerNo} to ${call.apiNo}: "${this.#message.text}"${keyword}`);
    this.#input({
      type: 'start',
      atMs: this.#time.nowMs,
      call,
      settings,
      sessionData: this.#script.sessionData ?? null,
      seed: this.#script.seed ?? 1,
      message: this.#message,
    });
  }

  #input(input: Input): void {
    this.inputs.push(input);
    const { state, effects, events } = this.#interpreter.step(this.state, input);
    this.state = state;
    for (const { type, text, path, data } of narrate(events, effects)) this.#time.tell(type, text, path, data);
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'request_message_callback':
        this.#request = effect;
        return;
      case 'finish_message': {
        this.outcome = effect.record;
        const { status, error } = effect.record;
        this.#time.tell('ended', error === null ? status : `${status}: ${error}`, null, { ...effect.record });
        return;
      }
      default:
        if (!this.#time.carryOut(effect)) this.#world(effect, this.#time.schedule);
    }
  }

  /** Who has opted out by this very message gets nothing more. */
  #carryOutInWorld(effect: Effect, schedule: Schedule): boolean {
    if (effect.type !== 'send_message') return carryOutInWorld(effect, this.#script, schedule);
    const { no, callerIdNo, text, mediaUrls } = effect;
    const isOut = this.#message.keyword?.type === 'Opt-Out' && no === this.#callerNo();
    const error = this.#script.messageError ?? (isOut ? OPTED_OUT : null);
    this.sent.push({ to: no, from: callerIdNo, text, mediaUrls, error });
    return carryOutInWorld(effect, error === null ? {} : { messageError: error }, schedule);
  }

  #callerNo(): string | null {
    return this.state.kind === 'call' ? this.state.info.callerNo : null;
  }

  /** Has the waiting callback answered, which takes no time but the network's. */
  *#askServer(): Progress {
    const effect = this.#request;
    if (effect === null) return;
    this.#request = null;
    const { url, method, contentType } = effect.target;
    const request: SimulatedMessageRequest = { url, method, contentType, body: effect.body };
    const callback: SimulatedMessageCallback = { request, answer: null, failure: null };
    if (this.callbacks.length >= (this.#script.maxCallbacks ?? DEFAULT_MAX_CALLBACKS)) {
      callback.failure = `the flow has been asked for ${this.callbacks.length} times`;
    } else {
      this.callbacks.push(callback);
      try {
        const given = this.#answer(request);
        callback.answer = answerText((given instanceof Promise ? yield given : given) ?? {});
      } catch (error) {
        callback.failure = failureText(error);
      }
    }
    tellOfCallback(callback, '', this.#time);
    const takesMs = this.#callbackMs();
    if (takesMs !== Number.POSITIVE_INFINITY) deliver(effect.requestId, callback, takesMs, this.#time);
  }
}

function scriptedMessage({ text, mediaUrls = [] }: MessageScript): IncomingMessage {
  const media = mediaUrls.map((url) => ({ url, content_type: '' }));
  return { type: media.length === 0 ? 'sms' : 'mms', text, media, keyword: keywordOf(text), apiRateCenter: '' };
}
