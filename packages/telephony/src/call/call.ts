import type {
  CallInfo,
  Effect,
  FlowSettings,
  Input,
  Interpreter,
  InterpreterState,
  JsonObject,
} from '@voxology/callflow';
import type { CallAudio } from '@voxology/store';
import type { CallbackClient } from '../callback/callback-client.ts';
import type { HttpRequests } from '../message/http-requests.ts';
import type { Messages } from '../message/messages.ts';
import { sendMessage } from '../message/send-message.ts';
import type { Prompts } from '../prompt/prompts.ts';
import type { StreamFigures } from '../stream/call-streams.ts';
import { type AttachmentServices, Attachments } from './attachments.ts';
import { audioOf } from './call-audio.ts';
import type { CallLog } from './call-log.ts';
import { CALL_OVER } from './call-over.ts';
import { bareConclusion, type Conclusion, conclude, conclusionOf, type EndedInput } from './conclude.ts';
import { type ConnectionServices, Connections } from './connections.ts';
import type { Finish } from './finish.ts';
import type { CallInput } from './input.ts';
import type { Leg } from './leg.ts';
import { Mailbox } from './mailbox.ts';
import type { Party } from './party.ts';
import { Playbacks } from './playbacks.ts';

/** What a call needs of the house. */
export interface CallServices {
  interpreter: Interpreter;
  callbacks: Pick<CallbackClient, 'ask'>;
  prompts: Pick<Prompts, 'get'>;
  finish: Pick<Finish, 'finish'>;
  nowMs(): number;
  /** DIAL: starts another call of the same application. Rejects when it is refused. */
  dial(info: CallInfo, effect: Extract<Effect, { type: 'dial' }>): Promise<unknown>;
  /** An exception in the interpreter or a driver: a defect of ours, reported, never fatal to other calls. */
  onDefect(callId: string, error: unknown): void;
  connections: ConnectionServices;
  attachments: AttachmentServices;
  http: Pick<HttpRequests, 'send'>;
  messages: Pick<Messages, 'send'>;
}

/** How the sound of a live call is: between it and us, and what goes out of it to WebSockets. */
export interface CallSound {
  audio: CallAudio | null;
  streams: StreamFigures[];
}

/**
 * A call as an actor: its inputs form one ordered mailbox, each is stepped through the interpreter, and the effects are
 * carried out on the leg. It holds no flow logic of its own. Every input, effect and event goes into the call's log.
 */
export class Call implements Party {
  readonly info: CallInfo;
  readonly log: CallLog;
  readonly #services: CallServices;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #playbacks: Playbacks;
  readonly #connections: Connections;
  readonly #attachments: Attachments;
  /** Gives up the callback under way when the call ends: nobody would run its answer. */
  readonly #asking = new AbortController();
  readonly #mailbox = new Mailbox<Input>((input) => this.#step(input));
  /** How the call began and was answered: enough to conclude it when the interpreter fails on its state. */
  readonly #milestones: Input[] = [];
  #leg: Leg | null = null;
  #watched: Leg['session'] = null;
  #state: InterpreterState;
  #isAnswered = false;
  #over = false;

  constructor(info: CallInfo, log: CallLog, services: CallServices) {
    this.info = info;
    this.log = log;
    this.#services = services;
    this.#state = services.interpreter.initialState();
    this.#playbacks = new Playbacks(services.prompts, log, (input) => this.post(input), services.nowMs);
    this.#connections = new Connections(services.connections, this);
    this.#attachments = new Attachments({
      ...services.attachments,
      call: info,
      log,
      post: (input) => this.post(input),
      leg: () => this.leg,
      calleeLeg: (leg) => this.#connections.legOf(leg),
      farSession: () => this.#connections.farSession(),
      nowMs: services.nowMs,
      onDefect: (error) => services.onDefect(info.callId, error),
    });
  }

  get leg(): Leg {
    if (this.#leg === null) throw new Error(`the call ${this.info.callId} has no leg yet`);
    return this.#leg;
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** True from the end on the wire: the record is being written or is written. */
  get over(): boolean {
    return this.#over;
  }

  /** How the sound is so far; the figures of a call without any are null. */
  async sound(): Promise<CallSound> {
    const stats = (await this.#leg?.session?.figures()) ?? null;
    return { audio: audioOf(stats), streams: this.#attachments.streams };
  }

  /** Resolves when what was recorded of the call is in the books; after its end. */
  settled(): Promise<void> {
    return this.#attachments.settled();
  }

  /** Begins the flow on `leg`. */
  start(leg: Leg, settings: FlowSettings, sessionData: JsonObject | null, seed: number): void {
    this.#leg = leg;
    this.#watchHealth(leg.session);
    this.post({ type: 'start', call: this.info, settings, sessionData, seed });
  }

  /** Of several phones that ring, the one that answers decides which media it is. */
  #watchHealth(session: Leg['session']): void {
    if (session === null || session === this.#watched) return;
    this.#watched = session;
    session.on('health', ({ issue, raised }) => {
      if (!this.#over) this.log.note('media', 'health', { issue, raised }, this.#services.nowMs());
    });
  }

  /** Puts one input at the end of the mailbox; safe from any listener, also from within an effect. */
  post(posted: CallInput): void {
    const input = this.#playbacks.translate(posted);
    if (input === null || this.#attachments.take(input)) return;
    this.#mailbox.post({ ...input, atMs: this.#services.nowMs() } as Input);
  }

  #step(input: Input): void {
    if (this.#over) return;
    this.log.input(input);
    if (input.type === 'start' || input.type === 'answered') this.#milestones.push(input);
    try {
      this.#take(input);
      const { state, effects, events } = this.#services.interpreter.step(this.#state, input);
      this.#state = state;
      for (const event of events) this.log.event(event, input.atMs);
      for (const effect of effects) {
        this.log.effect(effect, input.atMs);
        this.#carryOut(effect);
      }
      if (input.type === 'ended' && !this.#over) throw new Error('the interpreter did not finish the call at its end');
    } catch (error) {
      this.#defect(error, input);
    }
  }

  /** What an input means for those the call is connected with. */
  #take(input: Input): void {
    if (input.type === 'answered') {
      this.#isAnswered = true;
      this.#watchHealth(this.leg.session);
      this.#connections.answered();
    } else if (input.type === 'transfer_ended') {
      this.#connections.transferEnded(input.transferId);
    }
  }

  #carryOut(effect: Effect): void {
    const { leg } = this;
    switch (effect.type) {
      case 'request_callback':
        void this.#services.callbacks.ask(effect, this.log, this.#asking.signal).then((input) => this.post(input));
        return;
      case 'ring':
        leg.ring();
        return;
      case 'answer':
        leg.answer();
        return;
      case 'play':
        this.#playbacks.play(this.#legOf(effect), effect);
        return;
      case 'stop_playback':
        this.#playbacks.stop(effect.playbackId);
        return;
      case 'set_timer':
        this.#setTimer(effect.timerId, effect.durationMs);
        return;
      case 'cancel_timer':
        clearTimeout(this.#timers.get(effect.timerId));
        this.#timers.delete(effect.timerId);
        return;
      case 'dial':
        void this.#services.dial(this.info, effect).catch((error: unknown) => this.#notDialled(effect.no, error));
        return;
      case 'send_digits':
        this.#legOf(effect)?.sendDigits(effect.sendId, effect.digits);
        return;
      case 'transfer':
      case 'end_transfer':
      case 'connect_callee':
      case 'hang_up_callee':
      case 'join_conference':
      case 'leave_conference':
      case 'update_conference':
      case 'kick_participant':
      case 'enter_queue':
      case 'connect_queue':
      case 'leave_queue':
        this.#connections.carryOut(effect);
        return;
      case 'start_recording':
      case 'stop_recording':
      case 'pause_recording':
      case 'resume_recording':
      case 'start_stream':
      case 'stop_stream':
      case 'start_detection':
      case 'stop_detection':
      case 'start_listening':
      case 'stop_listening':
      case 'start_transcription':
      case 'stop_transcription':
        this.#attachments.carryOut(effect);
        return;
      case 'http_request':
        void this.#services.http.send(this.info.callId, effect, this.log, this.#asking.signal).then((input) => {
          if (input !== null) this.post(input);
        });
        return;
      case 'send_message':
        this.#sendMessage(effect);
        return;
      case 'hang_up':
        leg.hangUp(effect.reason, effect.sipStatus);
        return;
      case 'finish':
        this.#finish(leg, conclusionOf(effect));
        return;
    }
  }

  /** Null for a callee that has gone: the flow is about to hear of it. */
  #legOf({ leg }: Pick<Extract<Effect, { type: 'play' }>, 'leg'>): Leg | null {
    return leg === undefined ? this.leg : this.#connections.legOf(leg);
  }

  /** The flow does not wait for the other call; its author finds the reason in the log. */
  #notDialled(no: string, error: unknown): void {
    const message = `DIAL ${no}: ${error instanceof Error ? error.message : String(error)}`;
    if (!this.#over) this.log.note('event', 'error', { message }, this.#services.nowMs());
  }

  #sendMessage(effect: Extract<Effect, { type: 'send_message' }>): void {
    const { messages, nowMs, onDefect } = this.#services;
    sendMessage(messages, this, effect, nowMs).then(
      (input) => this.post(input),
      (error: unknown) => {
        onDefect(this.info.callId, error);
        this.post({ type: 'message_sent', messageId: effect.messageId, error: 'internal error' });
      },
    );
  }

  #setTimer(timerId: string, durationMs: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timerId);
      this.post({ type: 'timer', timerId });
    }, durationMs);
    this.#timers.set(timerId, timer);
  }

  /** The call is ended; when it is its end that the interpreter fails on, it is concluded from its milestones alone. */
  #defect(error: unknown, input: Input): void {
    const { interpreter, onDefect } = this.#services;
    const report = (defect: unknown) => onDefect(this.info.callId, defect);
    report(error);
    this.log.note('event', 'defect', { message: String(error) }, input.atMs);
    const leg = this.#leg;
    if (leg === null) return;
    if (input.type !== 'ended') {
      leg.hangUp('internal error', null);
      return;
    }
    const ended: EndedInput = { ...input, status: 'failed', by: 'api', error: `Internal error: ${String(error)}` };
    const conclusion =
      conclude(interpreter, [...this.#milestones, ended], report) ?? bareConclusion(this.info.startTimeMs, ended);
    this.log.concluded(conclusion, ended.atMs);
    this.#finish(leg, conclusion);
  }

  #finish(leg: Leg, conclusion: Conclusion): void {
    this.#over = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.#playbacks.abort();
    this.#asking.abort(CALL_OVER);
    this.#connections.end();
    this.#attachments.close();
    void this.#services.finish.finish(this, leg, conclusion);
  }
}
