import { setTimeout as delay, setImmediate as immediate } from 'node:timers/promises';
import type { StoreLogger } from './contract.ts';
import { errorText, StoreError } from './errors.ts';
import { isOutage } from './outage.ts';

export interface BatchWriterOptions<Op> {
  /** For messages, such as `calls`. */
  name: string;
  /**
   * Writes a batch in one statement. Resolves to the operations that had no effect and why; rejects when nothing was
   * written. `again`: an earlier try ended with a lost connection, so the batch may have been written already.
   */
  write(batch: readonly Op[], again: boolean): Promise<ReadonlyMap<Op, Error>>;
  logger: StoreLogger;
  maxQueued: number;
  /**
   * Least time from the start of one statement to the start of the next. A write after a pause goes out at once; under
   * load many share a statement, whose cost hardly depends on how many they are.
   */
  spacingMs: number;
  maxBatch?: number;
}

interface Waiting<Op> {
  op: Op;
  resolve(): void;
  reject(error: Error): void;
}

const firstRetryDelayMs = 20;
const longestRetryDelayMs = 2000;

/**
 * Gathers writes: while one statement is under way, what comes in meanwhile makes up the next. Operations are written in
 * the order they were pushed. A batch that PostgreSQL refuses is halved until the bad operation is alone; a lost database
 * is tried again until it is back, and the queue waits.
 */
export class BatchWriter<Op> {
  readonly #options: BatchWriterOptions<Op>;
  readonly #maxBatch: number;
  #queue: Waiting<Op>[] = [];
  #running: Promise<void> | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #startedMs = Number.NEGATIVE_INFINITY;
  #closed = false;
  readonly #givingUp = new AbortController();

  constructor(options: BatchWriterOptions<Op>) {
    this.#options = options;
    this.#maxBatch = options.maxBatch ?? 1000;
  }

  /**
   * Resolves when the operation is on the disk. A rejection that nobody awaits is only logged.
   * @throws StoreError (as rejection) `overloaded`, `closed`; PostgreSQL's error for this operation.
   */
  push(op: Op): Promise<void> {
    const { name, maxQueued, logger } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch((error) => logger.error({ error: errorText(error) }, `a write to ${name} failed`));
    if (this.#closed) {
      reject(new StoreError('closed', `The store is closed: nothing can be written to ${name}.`));
    } else if (this.#queue.length >= maxQueued) {
      reject(new StoreError('overloaded', `${maxQueued} writes to ${name} wait for the database already.`));
    } else {
      this.#queue.push({ op, resolve, reject });
      this.#last = promise;
      this.#running ??= this.#run();
    }
    return promise;
  }

  /** Resolves when all operations pushed so far are written or refused. */
  async drain(): Promise<void> {
    await this.#last.catch(() => undefined);
  }

  /** Writes what waits and takes nothing more. What cannot be written within `timeoutMs` is rejected `unreachable`. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    const timer = setTimeout(() => this.#givingUp.abort(), timeoutMs);
    await this.#running;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const waitMs = this.#startedMs + this.#options.spacingMs - performance.now();
      // At least all operations of this turn of the event loop travel together.
      if (waitMs >= 1 && !this.#closed) await delay(waitMs);
      else await immediate();
      this.#startedMs = performance.now();
      await this.#write(this.#queue.splice(0, this.#maxBatch), false);
    }
    this.#running = null;
  }

  async #write(batch: readonly Waiting<Op>[], again: boolean): Promise<void> {
    const { name, write, logger } = this.#options;
    const ops = batch.map(({ op }) => op);
    let delayMs = firstRetryDelayMs;
    for (let afterOutage = again; ; afterOutage = true) {
      try {
        settle(batch, await write(ops, afterOutage));
        return;
      } catch (error) {
        if (!isOutage(error)) {
          await this.#isolate(batch, afterOutage, error);
          return;
        }
        if (this.#givingUp.signal.aborted) {
          const lost = new StoreError('unreachable', `The database did not come back in time: ${errorText(error)}`);
          for (const { reject } of batch) reject(lost);
          return;
        }
        logger.warn(
          { error: errorText(error), waiting: this.#queue.length + batch.length, delayMs },
          `${name}: no database; trying again`,
        );
      }
      await delay(delayMs, undefined, { signal: this.#givingUp.signal }).catch(() => undefined);
      delayMs = Math.min(delayMs * 2, longestRetryDelayMs);
    }
  }

  async #isolate(batch: readonly Waiting<Op>[], again: boolean, error: unknown): Promise<void> {
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) {
      only.reject(error instanceof Error ? error : new Error(errorText(error)));
      return;
    }
    const middle = batch.length >> 1;
    await this.#write(batch.slice(0, middle), again);
    await this.#write(batch.slice(middle), again);
  }
}

function settle<Op>(batch: readonly Waiting<Op>[], refused: ReadonlyMap<Op, Error>): void {
  for (const { op, resolve, reject } of batch) {
    const error = refused.get(op);
    if (error === undefined) resolve();
    else reject(error);
  }
}
