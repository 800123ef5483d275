import { randomInt } from 'node:crypto';
import type { CallInfo } from '@voxology/callflow';
import type { DialogState } from '@voxology/sip';
import type { Store } from '@voxology/store';
import { Call, type CallServices, type CallSound } from './call.ts';
import type { CallLogs } from './call-logs.ts';
import type { CallInput } from './input.ts';
import type { StoredDialogs } from './stored-dialogs.ts';

export interface SwitchboardOptions {
  store: Store;
  logs: Pick<CallLogs, 'begin' | 'release'>;
  /** Calls at once; more are refused with 503. */
  maxCalls: number;
  nowMs(): number;
  onDefect(callId: string, error: unknown): void;
}

/** A live call as others may see it. */
export interface LiveCall {
  callId: string;
  appId: string;
  direction: CallInfo['direction'];
  callerNo: string;
  apiNo: string;
  startTimeMs: number;
  answerTimeMs: number | null;
}

/** What may be asked of a live call from outside its flow. */
export type LiveCommand = Extract<
  CallInput,
  { type: 'hang_up' | 'inject_actions' | 'inject_session_data' | 'conference_command' }
>;

const SHUT_DOWN = { type: 'hang_up', reason: 'server shutting down' } as const;

/** All calls that are up, and whether more may come. */
export class Switchboard {
  readonly #options: SwitchboardOptions;
  readonly #calls = new Map<string, Call>();
  readonly #answerTimesMs = new Map<string, number>();
  readonly #dialogs = new Map<string, StoredDialogs>();
  #services: CallServices | null = null;
  /** Calls in the making and calls whose record is not written yet. */
  #lines = 0;
  #draining = false;
  #hangingUp = false;
  #onEmpty: (() => void) | null = null;

  constructor(options: SwitchboardOptions) {
    this.#options = options;
  }

  /** The services of the calls need the switchboard itself, so they come after it. */
  use(services: CallServices): void {
    this.#services = services;
  }

  /** Lines in use. */
  get size(): number {
    return this.#lines;
  }

  onDefect(callId: string, error: unknown): void {
    this.#options.onDefect(callId, error);
  }

  /**
   * Takes a line for a call, or tells why none can be had. A line taken goes over to the call that {@link create} makes;
   * when none comes of it, {@link releaseLine} gives it back.
   */
  takeLine(): string | null {
    if (this.#draining) return 'Shutting down';
    if (this.#lines >= this.#options.maxCalls) {
      return `All ${this.#options.maxCalls} lines are busy (setting limits.max_calls)`;
    }
    this.#lines += 1;
    return null;
  }

  releaseLine(): void {
    this.#lines -= 1;
    this.#checkEmpty();
  }

  /** Makes a call on a line taken before. It must be started in the same turn. */
  create(info: CallInfo): Call {
    if (this.#services === null) throw new Error('the switchboard has no services yet');
    const call = new Call(info, this.#options.logs.begin(info.callId), this.#services);
    this.#calls.set(info.callId, call);
    // It was on its way when the others were hung up.
    if (this.#hangingUp) queueMicrotask(() => call.post(SHUT_DOWN));
    return call;
  }

  /** Puts a command of the REST API into the mailbox of a live call; false when the application has no such call. */
  command(appId: string, callId: string, command: LiveCommand): boolean {
    const call = this.#calls.get(callId);
    if (call === undefined || call.over || call.info.appId !== appId) return false;
    call.post(command);
    return true;
  }

  live(appId: string): LiveCall[] {
    return [...this.#calls.values()]
      .filter((call) => call.info.appId === appId && !call.over)
      .map((call) => this.#liveCall(call));
  }

  /** A live call and its sound; null: the application has no such call. */
  async liveSound(appId: string, callId: string): Promise<(LiveCall & CallSound) | null> {
    const call = this.#calls.get(callId);
    if (call === undefined || call.over || call.info.appId !== appId) return null;
    return { ...this.#liveCall(call), ...(await call.sound()) };
  }

  #liveCall({ info: { callId, appId, direction, callerNo, apiNo, startTimeMs } }: Call): LiveCall {
    const answerTimeMs = this.#answerTimesMs.get(callId) ?? null;
    return { callId, appId, direction, callerNo, apiNo, startTimeMs, answerTimeMs };
  }

  /** The call was answered: from here on a crash must end it with a BYE. */
  answered(call: Call, dialog: DialogState): void {
    const { callId } = call.info;
    const answerTimeMs = this.#options.nowMs();
    this.#answerTimesMs.set(callId, answerTimeMs);
    const dialogs = this.#changeDialogs(callId, { own: dialog });
    this.#options.store.calls
      .answered(callId, { answerTimeMs, dialog: dialogs })
      .catch((error: unknown) => this.onDefect(callId, error));
  }

  /** The remote party of an answered call is at another address from now on. */
  retargeted(call: Call, dialog: DialogState): void {
    this.#storeDialogs(call.info.callId, { own: dialog });
  }

  /** A second leg of the call, called `name`, was answered or is at another address; null: it is over. */
  legChanged({ callId }: CallInfo, name: string, dialog: DialogState | null): void {
    const known = this.#dialogs.get(callId)?.others ?? {};
    const { [name]: before, ...others } = known;
    if (dialog !== null) this.#storeDialogs(callId, { others: { ...others, [name]: dialog } });
    else if (before !== undefined) this.#storeDialogs(callId, { others });
  }

  #storeDialogs(callId: string, change: Partial<StoredDialogs>): void {
    // The row of a call that is over needs none any more.
    if (!this.#calls.has(callId)) return;
    const dialogs = this.#changeDialogs(callId, change);
    this.#options.store.calls.setDialog(callId, dialogs).catch((error: unknown) => this.onDefect(callId, error));
  }

  #changeDialogs(callId: string, change: Partial<StoredDialogs>): StoredDialogs {
    const dialogs = { own: null, others: {}, ...this.#dialogs.get(callId), ...change };
    this.#dialogs.set(callId, dialogs);
    return dialogs;
  }

  /** The call's record is written: its line is free, however long the last callback takes. */
  recorded(call: Call): void {
    this.#answerTimesMs.delete(call.info.callId);
    this.#dialogs.delete(call.info.callId);
    this.releaseLine();
  }

  /** Nothing is left to be done for the call. */
  finished(call: Call): void {
    this.#calls.delete(call.info.callId);
    this.#options.logs.release(call.info.callId);
    this.#checkEmpty();
  }

  /** For the interpreter's random numbers; drawn outside of it so that replay gives the same. */
  seed(): number {
    return randomInt(2 ** 31);
  }

  /**
   * Takes no new calls, waits up to `graceMs` for the live ones to end, then hangs up the rest and waits up to `hangUpMs`
   * for their records and last callbacks.
   */
  async drain(graceMs: number, hangUpMs: number): Promise<void> {
    this.#draining = true;
    if (await this.#emptyWithin(graceMs)) return;
    this.#hangingUp = true;
    for (const call of this.#calls.values()) call.post(SHUT_DOWN);
    await this.#emptyWithin(hangUpMs);
  }

  async #emptyWithin(timeoutMs: number): Promise<boolean> {
    if (this.#isEmpty()) return true;
    return await new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#onEmpty = null;
        resolve(false);
      }, timeoutMs);
      this.#onEmpty = () => {
        clearTimeout(timer);
        this.#onEmpty = null;
        resolve(true);
      };
    });
  }

  #isEmpty(): boolean {
    return this.#lines === 0 && this.#calls.size === 0;
  }

  #checkEmpty(): void {
    if (this.#isEmpty()) this.#onEmpty?.();
  }
}
