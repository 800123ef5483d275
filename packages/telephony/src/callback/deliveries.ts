import type { CallbackTarget } from '@voxology/callflow';
import type { Store } from '@voxology/store';
import type { CallLogs } from '../call/call-logs.ts';
import { patiently } from '../call/patience.ts';
import type { CallbackClient } from './callback-client.ts';
import type { SentBody } from './encode.ts';

/** Something that a user's server is told, and whose answer is ignored. */
export interface Delivery {
  /** In whose log the attempts are; null: in none. */
  callId: string | null;
  target: CallbackTarget;
  failover: CallbackTarget | null;
  /** JSON; `type` says what it is. */
  body: SentBody;
}

/** Where the books say what is to be delivered, and what became of it. */
export interface DeliveryBooks {
  /** Null when it was delivered, or is not to be delivered any more. */
  find(id: string): Promise<Delivery | null>;
  delivered(id: string): Promise<void>;
  failed(id: string, error: string): Promise<void>;
}

export interface DeliveriesOptions {
  /** Of the jobs. */
  task: string;
  jobs: Pick<Store['jobs'], 'defineTask' | 'add'>;
  books: DeliveryBooks;
  client: Pick<CallbackClient, 'deliver'>;
  logs: Pick<CallLogs, 'use'>;
}

/** About a day of attempts at graphile-worker's exponential pace. */
const MAX_ATTEMPTS = 20;
/** A first try that was made from memory has had retries of its own. */
const FIRST_RETRY_MS = 2000;

/**
 * Tells users' servers what they must not miss, once they take it: what fails is tried again by the durable job queue, and
 * what a crash interrupted is found in the books at the next start. The name of the task is part of the keys of its jobs.
 */
export class Deliveries {
  readonly #options: DeliveriesOptions;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    options.jobs.defineTask(options.task, (payload, { attempt }) => this.#try(payload, attempt));
  }

  /**
   * Tries at once, from memory; what fails becomes a job. Never rejects for a server that does not answer; rejects when the
   * store does not take the job.
   */
  async send(id: string, delivery: Delivery): Promise<void> {
    try {
      await this.#deliver(delivery);
    } catch {
      // The attempts and their errors are in the call's log.
      await this.enqueue(id, FIRST_RETRY_MS);
      return;
    }
    await this.#options.books.delivered(id);
  }

  /** Leaves all attempts to the job queue. */
  async enqueue(id: string, delayMs: number | null = null): Promise<void> {
    const { jobs, task } = this.#options;
    const job = {
      jobKey: `${task}:${id}`,
      // A job that is there already keeps its count of attempts and its pause.
      keepExisting: true,
      maxAttempts: MAX_ATTEMPTS,
    };
    const when = () => (delayMs === null ? {} : { runAt: new Date(Date.now() + delayMs) });
    await patiently(() => jobs.add(task, { id }, { ...job, ...when() }), { whileAway: true });
  }

  async #try(payload: unknown, attempt: number): Promise<void> {
    const { books } = this.#options;
    const id = idIn(payload);
    const delivery = await books.find(id);
    if (delivery === null) return;
    try {
      await this.#deliver(delivery);
    } catch (error) {
      if (attempt >= MAX_ATTEMPTS) await books.failed(id, error instanceof Error ? error.message : String(error));
      throw error;
    }
    await books.delivered(id);
  }

  #deliver({ callId, target, failover, body }: Delivery): Promise<void> {
    const { client, logs } = this.#options;
    if (callId === null) return client.deliver(target, failover, body, { note: () => undefined });
    return logs.use(callId, (log) => client.deliver(target, failover, body, log));
  }
}

/** Jobs of the first version name the id of a call. */
function idIn(payload: unknown): string {
  const { id, callId } = payload as { id?: string; callId?: string };
  return id ?? callId ?? '';
}
