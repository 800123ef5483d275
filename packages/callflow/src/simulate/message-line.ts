import { defaultFlowSettings } from '../flow-settings.ts';
import { createInterpreter } from '../interpreter/interpreter.ts';
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
import type { TranscriptEntry } from './script.ts';
import { scriptedInfo } from './scripted-start.ts';
import { Timeline } from './timeline.ts';
import { carryOutInWorld } from './world/world.ts';

const LONGEST_MS = 60_000;
/** Ends a simulation that would never come to rest. */
const MAX_INPUTS = 10_000;

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
  readonly #interpreter;
  readonly #message: IncomingMessage;
  readonly #time: Timeline;
  #request: Extract<Effect, { type: 'request_message_callback' }> | null = null;

  /** @throws RangeError when `script.at` is no time */
  constructor(answer: AnswerMessageCallback, script: MessageScript, flowUrl: string) {
    this.#answer = answer;
    this.#script = script;
    this.#interpreter = createInterpreter(script.limits === undefined ? {} : { limits: script.limits });
    this.#time = new Timeline(script.at);
    const media = (script.mediaUrls ?? []).map((url) => ({ url, content_type: '' }));
    this.#message = {
      type: media.length === 0 ? 'sms' : 'mms',
      text: script.text,
      media,
      keyword: keywordOf(script.text),
      apiRateCenter: '',
    };
    this.state = this.#interpreter.initialState();
    this.#begin(flowUrl);
  }

  get entries(): readonly TranscriptEntry[] {
    return this.#time.entries;
  }

  /** Runs the flow to its end. */
  async run(): Promise<void> {
    while (this.outcome === null) {
      await this.#askServer();
      const input = this.inputs.length < MAX_INPUTS ? this.#time.take() : null;
      if (this.outcome !== null) return;
      if (input === null) {
        const reason = 'nothing more happens in this simulation';
        this.#input({ type: 'ended', status: 'failed', by: 'api', reason, error: null, atMs: this.#time.nowMs });
      } else {
        this.#time.nowMs = input.atMs;
        this.#input(input);
      }
    }
  }

  #begin(flowUrl: string): void {
    const call = scriptedInfo('simulated-message', this.#script, this.#time.startMs);
    const callback = { url: flowUrl, method: 'POST', contentType: 'application/json' } as const;
    const settings = { ...defaultFlowSettings(callback), maxCallTimeMs: LONGEST_MS, ...this.#script.settings };
    const keyword = this.#message.keyword === null ? '' : ` (${this.#message.keyword.type})`;
    this.#time.tell('message', `from ${call.callerNo} to ${call.apiNo}: "${this.#script.text}"${keyword}`);
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
    if (this.#time.carryOut(effect)) return;
    switch (effect.type) {
      case 'request_message_callback':
        this.#request = effect;
        return;
      case 'send_message':
        this.#send(effect);
        return;
      case 'finish_message': {
        this.outcome = effect.record;
        const { status, error } = effect.record;
        this.#time.tell('ended', error === null ? status : `${status}: ${error}`, null, { ...effect.record });
        return;
      }
      default:
        carryOutInWorld(effect, this.#script, this.#time.schedule);
    }
  }

  /** Who has opted out by this very message gets nothing more. */
  #send(effect: Extract<Effect, { type: 'send_message' }>): void {
    const { no, callerIdNo, text, mediaUrls } = effect;
    const isOut = this.#message.keyword?.type === 'Opt-Out' && no === this.#callerNo();
    const error = this.#script.messageError ?? (isOut ? OPTED_OUT : null);
    this.sent.push({ to: no, from: callerIdNo, text, mediaUrls, error });
    carryOutInWorld(effect, error === null ? {} : { messageError: error }, this.#time.schedule);
  }

  #callerNo(): string | null {
    return this.state.kind === 'call' ? this.state.info.callerNo : null;
  }

  /** Has the waiting callback answered, which takes no time but the network's. */
  async #askServer(): Promise<void> {
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
        callback.answer = answerText((await this.#answer(request)) ?? {});
      } catch (error) {
        callback.failure = failureText(error);
      }
    }
    tellOfCallback(callback, '', this.#time);
    deliver(effect.requestId, callback, NETWORK_MS, this.#time);
  }
}
