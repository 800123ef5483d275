import { defaultFlowSettings } from '../flow-settings.ts';
import { createInterpreter } from '../interpreter/interpreter.ts';
import type { State } from '../interpreter/state.ts';
import type { Effect, IncomingMessage, Input, JsonObject, MessageOutcome } from '../io.ts';
import { keywordOf, OPTED_OUT } from '../keyword/keyword.ts';
import { Agenda } from './agenda.ts';
import type {
  AnswerMessageCallback,
  MessageScript,
  SentMessage,
  SimulatedMessageCallback,
  SimulatedMessageRequest,
} from './message-script.ts';
import { narrate } from './narration.ts';
import type { TranscriptEntry } from './script.ts';
import { scriptedInfo, startTimeMs } from './scripted-start.ts';
import { carryOutInWorld, type Schedule } from './world/world.ts';

const DEFAULT_MAX_CALLBACKS = 100;
const LONGEST_MS = 60_000;
const NETWORK_MS = 50;
/** Ends a simulation that would never come to rest. */
const MAX_INPUTS = 10_000;

/** A text message in virtual time: carries out what its flow wants done, and feeds back what would come of it. */
export class MessageLine {
  readonly entries: TranscriptEntry[] = [];
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
  readonly #agenda = new Agenda();
  readonly #schedule: Schedule = {
    later: (delayMs, id, make) => this.#later(delayMs, id, make),
    cancel: (id) => this.#agenda.remove(id),
    begin: (id, inMs) => this.#agenda.begin(id, this.#nowMs + inMs),
    since: (id) => this.#agenda.since(id, this.#nowMs),
    screened: new Map(),
  };
  readonly #startMs: number;
  #nowMs: number;
  #request: Extract<Effect, { type: 'request_message_callback' }> | null = null;

  /** @throws RangeError when `script.at` is no time */
  constructor(answer: AnswerMessageCallback, script: MessageScript, flowUrl: string) {
    this.#answer = answer;
    this.#script = script;
    this.#interpreter = createInterpreter(script.limits === undefined ? {} : { limits: script.limits });
    this.#startMs = startTimeMs(script.at);
    this.#nowMs = this.#startMs;
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

  /** Runs the flow to its end. */
  async run(): Promise<void> {
    while (this.outcome === null) {
      await this.#askServer();
      const input = this.inputs.length < MAX_INPUTS ? this.#agenda.take() : null;
      if (this.outcome !== null) return;
      if (input === null) {
        const reason = 'nothing more happens in this simulation';
        this.#input({ type: 'ended', status: 'failed', by: 'api', reason, error: null, atMs: this.#nowMs });
      } else {
        this.#nowMs = input.atMs;
        this.#input(input);
      }
    }
  }

  #begin(flowUrl: string): void {
    const call = scriptedInfo('simulated-message', this.#script, this.#startMs);
    const callback = { url: flowUrl, method: 'POST', contentType: 'application/json' } as const;
    const settings = { ...defaultFlowSettings(callback), maxCallTimeMs: LONGEST_MS, ...this.#script.settings };
    const keyword = this.#message.keyword === null ? '' : ` (${this.#message.keyword.type})`;
    this.#tell('message', `from ${call.callerNo} to ${call.apiNo}: "${this.#script.text}"${keyword}`);
    this.#input({
      type: 'start',
      atMs: this.#nowMs,
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
    for (const { type, text, path, data } of narrate(events, effects)) this.#tell(type, text, path, data);
    for (const effect of effects) this.#carryOut(effect);
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'request_message_callback':
        this.#request = effect;
        return;
      case 'set_timer': {
        const { timerId } = effect;
        this.#later(effect.durationMs, timerId, (atMs) => ({ type: 'timer', timerId, atMs }));
        return;
      }
      case 'cancel_timer':
        this.#agenda.remove(effect.timerId);
        return;
      case 'dial':
        this.#tell('does', `dials ${effect.no} from ${effect.callerIdNo}`, null, { no: effect.no });
        return;
      case 'send_message':
        this.#send(effect);
        return;
      case 'finish_message': {
        this.outcome = effect.record;
        const { status, error } = effect.record;
        this.#tell('ended', error === null ? status : `${status}: ${error}`, null, { ...effect.record });
        return;
      }
      default:
        carryOutInWorld(effect, this.#script, this.#schedule);
    }
  }

  /** Who has opted out by this very message gets nothing more. */
  #send(effect: Extract<Effect, { type: 'send_message' }>): void {
    const { no, callerIdNo, text, mediaUrls } = effect;
    const isOut = this.#message.keyword?.type === 'Opt-Out' && no === this.#callerNo();
    const error = this.#script.messageError ?? (isOut ? OPTED_OUT : null);
    this.sent.push({ to: no, from: callerIdNo, text, mediaUrls, error });
    carryOutInWorld(effect, error === null ? {} : { messageError: error }, this.#schedule);
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
        const answer = await this.#answer(request);
        callback.answer = typeof answer === 'string' ? answer : JSON.stringify(answer ?? {});
      } catch (error) {
        callback.failure = error instanceof Error ? error.message : String(error);
      }
    }
    this.#deliver(effect.requestId, callback);
  }

  #deliver(requestId: string, { request, answer, failure }: SimulatedMessageCallback): void {
    const { url, method, body } = request;
    const where = /^https?:/i.test(url) ? `${method} ${url}` : url;
    const data = { url, method, body: { ...body }, answer, failure } as unknown as JsonObject;
    this.#tell('callback', `${body.type} to ${where}${failure === null ? '' : ` failed: ${failure}`}`, null, data);
    this.#later(NETWORK_MS, null, (atMs) =>
      answer === null
        ? { type: 'callback_failed', requestId, reason: failure ?? '', atMs }
        : { type: 'callback_answered', requestId, httpStatus: 200, bodyText: answer, atMs },
    );
  }

  #later(delayMs: number, id: string | null, make: (atMs: number) => Input): void {
    this.#agenda.add(this.#nowMs + delayMs, id, make);
  }

  #tell(type: TranscriptEntry['type'], text: string, path: string | null = null, data: JsonObject = {}): void {
    this.entries.push({ atMs: this.#nowMs - this.#startMs, type, text, path, data });
  }
}
