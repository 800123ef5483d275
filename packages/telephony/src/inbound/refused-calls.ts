import type { CallInfo, FlowSettings, Interpreter } from '@voxology/callflow';
import type { Store } from '@voxology/store';
import type { CallLogs } from '../call/call-logs.ts';
import { bareConclusion, conclude, type EndedInput } from '../call/conclude.ts';
import { callOpening } from '../call/opening.ts';
import type { Deliveries } from '../callback/deliveries.ts';
import { endDelivery } from '../callback/end-callbacks.ts';

export interface RefusedCallsOptions {
  store: Pick<Store, 'calls'>;
  logs: Pick<CallLogs, 'begin' | 'release'>;
  interpreter: Interpreter;
  endCallbacks: Pick<Deliveries, 'send'>;
  nowMs(): number;
  onError(callId: string, error: unknown): void;
}

/** Calls that are refused before their flow begins still leave their row, with the reason, and their last callback. */
export class RefusedCalls {
  readonly #options: RefusedCallsOptions;

  constructor(options: RefusedCallsOptions) {
    this.#options = options;
  }

  /** `settings` null: the number has no callback, so none is sent. Never rejects. */
  async record(info: CallInfo, settings: FlowSettings | null, error: string): Promise<void> {
    const { store, logs, interpreter, endCallbacks, nowMs, onError } = this.#options;
    const { callId } = info;
    const report = (defect: unknown) => onError(callId, defect);
    const log = logs.begin(callId);
    const ended: EndedInput = { type: 'ended', atMs: nowMs(), status: 'failed', by: 'api', reason: 'refused', error };
    let conclusion = bareConclusion(info.startTimeMs, ended);
    if (settings !== null) {
      const start = {
        type: 'start',
        atMs: info.startTimeMs,
        call: info,
        settings,
        sessionData: null,
        seed: 0,
      } as const;
      conclusion = conclude(interpreter, [start, ended], report) ?? conclusion;
    }
    log.note('event', 'error', { message: error }, ended.atMs);
    log.input(ended);
    log.concluded(conclusion, ended.atMs);
    const { record, endCallback } = conclusion;
    try {
      await store.calls.open(callOpening(info, null));
      await store.calls.finish(callId, { ...record, endCallback });
      if (endCallback !== null) await endCallbacks.send(callId, endDelivery(callId, endCallback));
    } catch (failure) {
      report(failure);
    } finally {
      logs.release(callId);
    }
  }
}
