import type { CallInfo, Effect, Input, Interpreter, InterpreterState, MessageOutcome } from '@voxology/callflow';
import type { CallLog } from '../call/call-log.ts';
import type { CallInput } from '../call/input.ts';
import { Mailbox } from '../call/mailbox.ts';
import type { CallbackClient } from '../callback/callback-client.ts';
import type { HttpRequests } from './http-requests.ts';
import type { Messages } from './messages.ts';
import { sendMessage } from './send-message.ts';

/** What the flow of a message needs of the house. */
export interface MessageFlowServices {
  interpreter: Interpreter;
  callbacks: Pick<CallbackClient, 'ask'>;
  http: Pick<HttpRequests, 'send'>;
  messages: Pick<Messages, 'send'>;
  /** DIAL: starts a call of the same application. Rejects when it is refused. */
  dial(info: CallInfo, effect: Extract<Effect, { type: 'dial' }>): Promise<unknown>;
  nowMs(): number;
  /** A defect of ours, reported, never fatal to others. */
  onDefect(messageId: string, error: unknown): void;
}

/**
 * The flow of one text message: as a call is an actor with a mailbox, but with no leg. Every input, effect and event goes
 * into its log.
 */
export class MessageFlow {
  readonly info: CallInfo;
  readonly log: CallLog;
  readonly #services: MessageFlowServices;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Gives up what is asked for when the flow is over: nobody would hear the answer. */
  readonly #asking = new AbortController();
  readonly #mailbox = new Mailbox<Input>((input) => this.#step(input));
  readonly #ended = Promise.withResolvers<MessageOutcome>();
  #state: InterpreterState;
  #over = false;

  constructor(info: CallInfo, log: CallLog, services: MessageFlowServices) {
    this.info = info;
    this.log = log;
    this.#services = services;
    this.#state = services.interpreter.initialState();
  }

  get over(): boolean {
    return this.#over;
  }

  /** Runs the flow to its end; never rejects. */
  run(start: Omit<Extract<Input, { type: 'start' }>, 'atMs' | 'call'>): Promise<MessageOutcome> {
    this.#post({ ...start, call: this.info });
    return this.#ended.promise;
  }

  /** Ends it, wherever it stands. `reason` is for people. */
  giveUp(reason: string): void {
    this.#post({ type: 'ended', status: 'failed', by: 'api', reason, error: reason });
  }

  #post(input: CallInput): void {
    this.#mailbox.post({ ...input, atMs: this.#services.nowMs() } as Input);
  }

  #step(input: Input): void {
    if (this.#over) return;
    this.log.input(input);
    try {
      const { state, effects, events } = this.#services.interpreter.step(this.#state, input);
      this.#state = state;
      for (const event of events) this.log.event(event, input.atMs);
      for (const effect of effects) {
        this.log.effect(effect, input.atMs);
        this.#carryOut(effect);
      }
    } catch (error) {
      this.#services.onDefect(this.info.callId, error);
      this.log.note('event', 'defect', { message: String(error) }, input.atMs);
      this.#finish({ status: 'failed', endTimeMs: input.atMs, error: 'internal error' });
    }
  }

  #carryOut(effect: Effect): void {
    const { callbacks, http, dial } = this.#services;
    switch (effect.type) {
      case 'request_message_callback':
        void callbacks.ask(effect, this.log, this.#asking.signal).then((input) => this.#post(input));
        return;
      case 'set_timer':
        this.#setTimer(effect.timerId, effect.durationMs);
        return;
      case 'cancel_timer':
        clearTimeout(this.#timers.get(effect.timerId));
        this.#timers.delete(effect.timerId);
        return;
      case 'http_request':
        void http.send(this.info.callId, effect, this.log, this.#asking.signal).then((input) => {
          if (input !== null) this.#post(input);
        });
        return;
      case 'send_message':
        this.#sendMessage(effect);
        return;
      case 'dial':
        void dial(this.info, effect).catch((error: unknown) => this.#notDialled(effect.no, error));
        return;
      case 'finish_message':
        this.#finish(effect.record);
        return;
      default:
        throw new Error(`a text message has no ${effect.type}`);
    }
  }

  #sendMessage(effect: Extract<Effect, { type: 'send_message' }>): void {
    const { messages, nowMs, onDefect } = this.#services;
    sendMessage(messages, this, effect, nowMs).then(
      (input) => this.#post(input),
      (error: unknown) => {
        onDefect(this.info.callId, error);
        this.#post({ type: 'message_sent', messageId: effect.messageId, error: 'internal error' });
      },
    );
  }

  #notDialled(no: string, error: unknown): void {
    const message = `DIAL ${no}: ${error instanceof Error ? error.message : String(error)}`;
    this.log.note('event', 'error', { message }, this.#services.nowMs());
  }

  #setTimer(timerId: string, durationMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timerId);
      this.#post({ type: 'timer', timerId });
    }, durationMs);
    this.#timers.set(timerId, timer);
  }

  #finish(outcome: MessageOutcome): void {
    this.#over = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#asking.abort();
    this.#ended.resolve(outcome);
  }
}
