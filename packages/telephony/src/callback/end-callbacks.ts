import { setTimeout as delay } from 'node:timers/promises';
import type { CallbackBody } from '@voxology/callflow';
import { type EndCallback, type Store, StoreError } from '@voxology/store';
import { CallLog } from '../call/call-log.ts';
import type { CallbackClient } from './callback-client.ts';

const TASK = 'end_callback';
/** About a day of attempts at graphile-worker's exponential pace. */
const MAX_ATTEMPTS = 20;
/** While the database is away the job is offered again for about five minutes; later the next start finds the callback. */
const OFFERS = 35;
const FIRST_PAUSE_MS = 250;
/** The first try, made from memory, has retries of its own. */
const FIRST_RETRY_MS = 2000;
const LONGEST_PAUSE_MS = 10_000;

type EndCallbackStore = Pick<Store, 'calls' | 'events' | 'jobs'>;

/**
 * Sends the last callback of each call. The first attempt is made at once from memory; what fails goes to the
 * durable job queue, and what a crash interrupted is found in the store at the next start.
 */
export class EndCallbacks {
  readonly #store: EndCallbackStore;
  readonly #client: Pick<CallbackClient, 'deliver'>;

  constructor(store: EndCallbackStore, client: Pick<CallbackClient, 'deliver'>) {
    this.#store = store;
    this.#client = client;
    store.jobs.defineTask(TASK, (payload, { attempt }) => this.#retry(payload, attempt));
  }

  /** Never rejects for a server that does not answer; rejects when the store does not take the job. */
  async send(callId: string, callback: EndCallback, log: CallLog): Promise<void> {
    try {
      await this.#client.deliver(callback.target, callback.failover, callback.body as CallbackBody, log);
    } catch {
      // The attempts and their errors are in the call's log already; those to come are the job's to log.
      log.handOver();
      await this.enqueue(callId);
      return;
    }
    await this.#store.calls.endCallbackDelivered(callId);
  }

  /** Leaves the delivery to the job queue. */
  async enqueue(callId: string): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    for (let offer = 1; ; offer++) {
      try {
        await this.#store.jobs.add(
          TASK,
          { callId },
          {
            jobKey: `${TASK}:${callId}`,
            // A job that is there already keeps its count of attempts and its pause.
            keepExisting: true,
            maxAttempts: MAX_ATTEMPTS,
            runAt: new Date(Date.now() + FIRST_RETRY_MS),
          },
        );
        return;
      } catch (error) {
        if (offer >= OFFERS || (error instanceof StoreError && error.code === 'closed')) throw error;
      }
      await delay(pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  async #retry(payload: unknown, attempt: number): Promise<void> {
    const callId = (payload as { callId: string }).callId;
    const row = await this.#store.calls.get(callId);
    if (row?.endCallback == null || row.endCallbackState === 'delivered') return;
    const log = new CallLog(callId, this.#store.events, await this.#store.events.lastSeq(callId));
    const { target, failover, body } = row.endCallback;
    try {
      await this.#client.deliver(target, failover, body as CallbackBody, log);
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS) {
        await this.#store.calls.endCallbackFailed(callId, error instanceof Error ? error.message : String(error));
      }
      throw error;
    }
    await this.#store.calls.endCallbackDelivered(callId);
  }
}
