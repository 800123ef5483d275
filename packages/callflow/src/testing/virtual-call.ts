import { defaultFlowSettings } from '../flow-settings.ts';
import { createInterpreter, type Interpreter } from '../interpreter/interpreter.ts';
import type { State } from '../interpreter/state.ts';
import type { CallInfo, Effect, FlowEvent, FlowSettings, Input, JsonObject, PlaySource } from '../io.ts';
import { carryOutInWorld, type Schedule, type WorldScript } from '../simulate/world/world.ts';

/** An answer to a callback request: a document, a text as it comes, or a failure. */
export type VirtualAnswer =
  | { document: JsonObject }
  | { bodyText: string; httpStatus?: number }
  | { failure: string }
  | 'never';

type RequestEffect = Extract<Effect, { type: 'request_callback' }>;

export interface VirtualCallOptions {
  /** One answer for every request, a list (the last one repeats), or a function of the request and its number from 0. */
  answers: VirtualAnswer | VirtualAnswer[] | ((request: RequestEffect, index: number) => VirtualAnswer);
  call?: Partial<CallInfo>;
  settings?: Partial<FlowSettings>;
  sessionData?: JsonObject | null;
  interpreter?: Interpreter;
  /** How long a source plays, or the reason why it cannot be played. */
  playback?: (source: PlaySource) => number | string;
  /** Why key tones cannot be sent; they are when not given. */
  sendError?: string;
  /** What becomes of transfers, conferences and the like; as in a simulation when not given. */
  world?: WorldScript;
  /** Ends a run that would never come to rest. */
  maxInputs?: number;
}

/** The start of virtual time: 2026-01-02T09:00:00Z. */
export const EPOCH_MS = Date.UTC(2026, 0, 2, 9);

const NETWORK_MS = 50;
const SAY_MS = 1_000;
const DIGIT_MS = 100;

interface Pending {
  atMs: number;
  order: number;
  /** Playback or timer that the input belongs to, so that it can be taken back. */
  id: string | null;
  make: () => Input;
}

/**
 * A call in virtual time: carries out the interpreter's effects with fixed delays (network 50 ms, a SAY 1 s, a key tone 0.1 s) and feeds
 * back what a real driver would. Every state passes through JSON, so a state that is no JSON value shows at once.
 */
export class VirtualCall {
  readonly inputs: Input[] = [];
  readonly effects: (Effect & { atMs: number })[] = [];
  readonly events: (FlowEvent & { atMs: number })[] = [];
  nowMs = EPOCH_MS;
  state: State;
  readonly #options: VirtualCallOptions;
  readonly #interpreter: Interpreter;
  readonly #pending: Pending[] = [];
  readonly #begun = new Map<string, number>();
  readonly #schedule: Schedule = {
    later: (delayMs, id, make) => this.#later(delayMs, id, () => make(this.nowMs)),
    cancel: (id) => this.#takeAll(id),
    begin: (id, inMs) => this.#begun.set(id, this.nowMs + inMs),
    since: (id) => Math.max(0, this.nowMs - (this.#begun.get(id) ?? this.nowMs)),
    screened: new Map(),
    agents: new Map(),
  };
  /** What plays, by whom it is heard: the number of a callee, empty for the caller. */
  readonly #playing = new Map<string, string>();
  #order = 0;
  #requests = 0;

  constructor(options: VirtualCallOptions) {
    this.#options = options;
    this.#interpreter = options.interpreter ?? createInterpreter();
    this.state = this.#interpreter.initialState();
    this.input({
      type: 'start',
      atMs: this.nowMs,
      call: { ...CALL, ...options.call },
      settings: { ...SETTINGS, ...options.settings },
      sessionData: options.sessionData ?? null,
      seed: 1,
    });
  }

  /** Lets time pass until a moment after now; what falls due on the way happens. */
  advance(durationMs: number): this {
    const until = this.nowMs + durationMs;
    const maxInputs = this.#options.maxInputs ?? 10_000;
    for (let next = this.#takeNext(until); next !== undefined; next = this.#takeNext(until)) {
      if (this.inputs.length > maxInputs) throw new Error(`the call took more than ${maxInputs} inputs`);
      this.nowMs = next.atMs;
      this.input(next.make());
    }
    this.nowMs = until;
    return this;
  }

  /** Runs on until the call is over, a day at most. */
  toEnd(): this {
    return this.advance(86_400_000);
  }

  press(keys: string): this {
    for (const digit of keys) this.input({ type: 'digit', digit, durationMs: 80, atMs: this.nowMs });
    return this;
  }

  /** The callee of the latest transfer, or agent of the latest queue, that has this number presses keys. */
  calleePresses(no: string, keys: string): this {
    const asking = this.effects.findLast(({ type }) => type === 'transfer' || type === 'enter_queue');
    const transferId =
      asking?.type === 'transfer' ? asking.transferId : asking?.type === 'enter_queue' ? asking.queueId : '';
    const leg = { transferId, no };
    for (const digit of keys) this.input({ type: 'digit', digit, durationMs: 80, leg, atMs: this.nowMs });
    return this;
  }

  /** The caller begins to speak, to whoever listens. */
  beginsToSpeak(): this {
    return this.input({ type: 'speech_started', listenId: this.listenId, atMs: this.nowMs });
  }

  /** The caller says something to whoever listens; the empty text is not understood. */
  says(text: string, confidence: number | null = null): this {
    const { listenId } = this.beginsToSpeak();
    return this.input({ type: 'speech_recognized', listenId, text, confidence, atMs: this.nowMs });
  }

  /** By which the caller is listened to; `none` when nobody listens. */
  get listenId(): string {
    const latest = this.effects.findLast(({ type }) => type === 'start_listening' || type === 'stop_listening');
    return latest?.type === 'start_listening' ? latest.listenId : 'none';
  }

  answer(): this {
    return this.input({ type: 'answered', atMs: this.nowMs });
  }

  /** The remote party ends the call. */
  callerEnds(status: 'completed' | 'canceled' = 'completed'): this {
    this.#pending.length = 0;
    return this.input({ type: 'ended', status, by: 'caller', reason: 'BYE', error: null, atMs: this.nowMs });
  }

  input(input: Input): this {
    this.inputs.push(input);
    const { state, effects, events } = this.#interpreter.step(this.state, input);
    this.state = JSON.parse(JSON.stringify(state)) as State;
    for (const event of events) this.events.push({ ...event, atMs: this.nowMs });
    for (const effect of effects) {
      this.effects.push({ ...effect, atMs: this.nowMs });
      this.#carryOut(effect);
    }
    return this;
  }

  /** What the caller heard, in order: texts and addresses. */
  get heard(): string[] {
    return this.heardBy(undefined);
  }

  /** What a callee heard before it was connected; undefined: what the caller heard. */
  heardBy(no: string | undefined): string[] {
    return this.of('play')
      .filter(({ leg }) => leg?.no === no)
      .map(({ source }) => (source.kind === 'say' ? source.text : source.url));
  }

  /** All effects of a type so far. */
  of<Type extends Effect['type']>(type: Type): (Extract<Effect, { type: Type }> & { atMs: number })[] {
    return this.effects.filter((effect) => effect.type === type) as (Extract<Effect, { type: Type }> & {
      atMs: number;
    })[];
  }

  /** Messages of all events of a type so far. */
  messages(type: FlowEvent['type']): string[] {
    return this.events.filter((event) => event.type === type).map((event) => event.message);
  }

  #carryOut(effect: Effect): void {
    switch (effect.type) {
      case 'answer':
        this.#later(NETWORK_MS, null, () => ({ type: 'answered', atMs: this.nowMs }));
        return;
      case 'request_callback':
        this.#answerRequest(effect);
        return;
      case 'play':
        this.#play(effect.playbackId, effect.source, effect.leg?.no ?? '');
        return;
      case 'stop_playback':
        this.#stop(effect.playbackId);
        return;
      case 'send_digits': {
        const { sendId, digits } = effect;
        this.#later(digits.length * DIGIT_MS, null, () => this.#digitsSent(sendId));
        return;
      }
      case 'set_timer': {
        const { timerId } = effect;
        this.#later(effect.durationMs, timerId, () => ({ type: 'timer', timerId, atMs: this.nowMs }));
        return;
      }
      case 'cancel_timer':
        this.#take(effect.timerId);
        return;
      case 'hang_up': {
        const status = this.of('answer').length > 0 ? 'completed' : 'canceled';
        const ended = { type: 'ended', status, by: 'api', reason: effect.reason, error: null } as const;
        this.#later(NETWORK_MS, null, () => ({ ...ended, atMs: this.nowMs }));
        return;
      }
      default:
        carryOutInWorld(effect, this.#options.world ?? {}, this.#schedule);
    }
  }

  #digitsSent(sendId: string): Input {
    return { type: 'digits_sent', sendId, error: this.#options.sendError ?? null, atMs: this.nowMs };
  }

  #answerRequest(effect: RequestEffect): void {
    const { answers } = this.#options;
    const index = this.#requests;
    this.#requests += 1;
    const list = Array.isArray(answers) ? answers : null;
    const answer =
      typeof answers === 'function' ? answers(effect, index) : (list?.[Math.min(index, list.length - 1)] ?? answers);
    if (answer === 'never' || Array.isArray(answer)) return;
    const { requestId } = effect;
    if ('failure' in answer) {
      const reason = answer.failure;
      this.#later(NETWORK_MS, null, () => ({ type: 'callback_failed', requestId, reason, atMs: this.nowMs }));
      return;
    }
    const bodyText = 'document' in answer ? JSON.stringify(answer.document) : answer.bodyText;
    const httpStatus = 'document' in answer ? 200 : (answer.httpStatus ?? 200);
    this.#later(NETWORK_MS, null, () => ({
      type: 'callback_answered',
      requestId,
      httpStatus,
      bodyText,
      atMs: this.nowMs,
    }));
  }

  #stop(playbackId: string): void {
    this.#take(playbackId);
    this.#later(0, null, () => ({ type: 'playback_ended', playbackId, outcome: 'stopped', atMs: this.nowMs }));
  }

  #play(playbackId: string, source: PlaySource, listener: string): void {
    const length = this.#options.playback?.(source) ?? SAY_MS;
    if (typeof length === 'number') {
      const before = this.#playing.get(listener);
      if (this.#pending.some(({ id }) => id !== null && id === before)) this.#stop(before ?? '');
      this.#playing.set(listener, playbackId);
      this.#later(length, playbackId, () => ({
        type: 'playback_ended',
        playbackId,
        outcome: 'completed',
        atMs: this.nowMs,
      }));
    } else {
      this.#later(0, playbackId, () => ({ type: 'playback_failed', playbackId, reason: length, atMs: this.nowMs }));
    }
  }

  #later(delayMs: number, id: string | null, make: () => Input): void {
    this.#order += 1;
    this.#pending.push({ atMs: this.nowMs + delayMs, order: this.#order, id, make });
  }

  #take(id: string): void {
    const index = this.#pending.findIndex((pending) => pending.id === id);
    if (index !== -1) this.#pending.splice(index, 1);
  }

  #takeAll(id: string): boolean {
    const before = this.#pending.length;
    while (this.#pending.some((pending) => pending.id === id)) this.#take(id);
    return this.#pending.length < before;
  }

  #takeNext(untilMs: number): Pending | undefined {
    let best = -1;
    for (let index = 0; index < this.#pending.length; index += 1) {
      const pending = this.#pending[index];
      if (pending === undefined || pending.atMs > untilMs) continue;
      const other = this.#pending[best];
      if (
        other === undefined ||
        pending.atMs < other.atMs ||
        (pending.atMs === other.atMs && pending.order < other.order)
      ) {
        best = index;
      }
    }
    return best === -1 ? undefined : this.#pending.splice(best, 1)[0];
  }
}

/** An inbound call from the sandbox, answered when media is needed. */
export const CALL: CallInfo = {
  callId: '17@3423993409',
  appId: '7d1c2f6e-9a31-4b0f-8d55-2f4f3f0f6a10',
  subaccountId: '0',
  direction: 'inbound',
  callerNo: '+19495550101',
  callerPlace: { city: 'Newport Beach', region: 'CA', country: 'US', timezone: 'America/Los_Angeles' },
  apiNo: '+12125550123',
  apiPlace: { city: 'New York', region: 'NY', country: 'US', timezone: 'America/New_York' },
  startTimeMs: EPOCH_MS,
  customData: null,
  sipDomain: '',
  sipForwardedFor: '192.0.2.7',
};

const SETTINGS: FlowSettings = defaultFlowSettings({
  url: 'https://example.com/flow',
  method: 'POST',
  contentType: 'application/json',
});
