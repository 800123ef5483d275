import { randomInt } from 'node:crypto';
import type { CallInfo } from '@voxology/callflow';
import type { Store } from '@voxology/store';
import { Call, type CallServices } from './call.ts';
import { CallLog } from './call-log.ts';

export interface SwitchboardOptions {
  store: Store;
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

/** All calls that are up, and whether more may come. */
export class Switchboard {
  readonly #options: SwitchboardOptions;
  readonly #calls = new Map<string, Call>();
  readonly #answerTimesMs = new Map<string, number>();
  #services: CallServices | null = null;
  #draining = false;
  #onEmpty: (() => void) | null = null;

  constructor(options: SwitchboardOptions) {
    this.#options = options;
  }

  /** The services of the calls need the switchboard itself, so they come after it. */
  use(services: CallServices): void {
    this.#services = services;
  }

  get size(): number {
    return this.#calls.size;
  }

  onDefect(callId: string, error: unknown): void {
    this.#options.onDefect(callId, error);
  }

  /** Why no further call can be taken now, or null. */
  refuseNewCall(): string | null {
    if (this.#draining) return 'Shutting down';
    if (this.#calls.size >= this.#options.maxCalls)
      return `All ${this.#options.maxCalls} lines are busy (setting max_calls)`;
    return null;
  }

  create(info: CallInfo): Call {
    if (this.#services === null) throw new Error('the switchboard has no services yet');
    const call = new Call(info, new CallLog(info.callId, this.#options.store.events), this.#services);
    this.#calls.set(info.callId, call);
    return call;
  }

  get(callId: string): Call | null {
    return this.#calls.get(callId) ?? null;
  }

  live(appId: string): LiveCall[] {
    return [...this.#calls.values()]
      .filter((call) => call.info.appId === appId && !call.over)
      .map(({ info: { callId, direction, callerNo, apiNo, startTimeMs } }) => ({
        callId,
        appId,
        direction,
        callerNo,
        apiNo,
        startTimeMs,
        answerTimeMs: this.#answerTimesMs.get(callId) ?? null,
      }));
  }

  /** The call was answered: from here on a crash must end it with a BYE. */
  answered(call: Call, dialog: unknown): void {
    const { callId } = call.info;
    const answerTimeMs = this.#options.nowMs();
    this.#answerTimesMs.set(callId, answerTimeMs);
    this.#options.store.calls
      .answered(callId, { answerTimeMs, dialog })
      .catch((error: unknown) => this.onDefect(callId, error));
  }

  /** The call's record is written. */
  finished(call: Call): void {
    this.#calls.delete(call.info.callId);
    this.#answerTimesMs.delete(call.info.callId);
    if (this.#calls.size === 0) this.#onEmpty?.();
  }

  /** For the interpreter's random numbers; drawn outside of it so that replay gives the same. */
  seed(): number {
    return randomInt(2 ** 31);
  }

  /** Takes no new calls, waits up to `graceMs` for the live ones to end, then hangs up the rest and waits for their records. */
  async drain(graceMs: number, hangUpMs: number): Promise<void> {
    this.#draining = true;
    if (await this.#emptyWithin(graceMs)) return;
    for (const call of this.#calls.values()) call.post({ type: 'hang_up', reason: 'server shutting down' });
    await this.#emptyWithin(hangUpMs);
  }

  async #emptyWithin(timeoutMs: number): Promise<boolean> {
    if (this.#calls.size === 0) return true;
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
}
