import type { Effect } from '@voxology/callflow';
import type { SessionStats } from '@voxology/media';
import type { Store } from '@voxology/store';
import type { EndCallbacks } from '../callback/end-callbacks.ts';
import type { Call } from './call.ts';
import type { Leg } from './leg.ts';

type FinishEffect = Extract<Effect, { type: 'finish' }>;

/** Ends a call in the books: media given back, the record durably closed, the last callback sent. */
export class Finish {
  readonly #store: Store;
  readonly #endCallbacks: EndCallbacks;
  readonly #onFinished: (call: Call) => void;
  readonly #onError: (callId: string, error: unknown) => void;

  constructor(
    store: Store,
    endCallbacks: EndCallbacks,
    onFinished: (call: Call) => void,
    onError: (callId: string, error: unknown) => void,
  ) {
    this.#store = store;
    this.#endCallbacks = endCallbacks;
    this.#onFinished = onFinished;
    this.#onError = onError;
  }

  /** Never rejects: what cannot be written stays open in the store and is closed at the next start. */
  async finish(call: Call, leg: Leg, { target, failover, body, record }: FinishEffect): Promise<void> {
    const { callId } = call.info;
    try {
      const stats = await leg.release();
      if (stats !== null) call.log.note('media', 'session_ended', stats as unknown as JsonStats, record.endTimeMs);
      await this.#store.calls.finish(callId, { ...record, endCallback: { target, failover, body } });
      await this.#endCallbacks.send(callId, { target, failover, body }, call.log);
    } catch (error) {
      this.#onError(callId, error);
    } finally {
      this.#onFinished(call);
    }
  }
}

type JsonStats = { [K in keyof SessionStats]: number };
