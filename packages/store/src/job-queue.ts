import { EventEmitter } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Logger,
  makeWorkerUtils,
  type Runner,
  run,
  type TaskList,
  type WorkerEvents,
  type WorkerUtils,
} from 'graphile-worker';
import type pg from 'pg';
import type { JobHandler, JobOptions, JobQueue, StoreLogger } from './contract.ts';
import { applicationName } from './database.ts';
import { errorText, StoreError } from './errors.ts';

const concurrency = 3;
const pollIntervalMs = 1000;
const restartDelayMs = 1000;

/** graphile-worker behind {@link JobQueue}. */
export class GraphileJobQueue implements JobQueue {
  readonly #pool: pg.Pool;
  readonly #name: string;
  readonly #logger: StoreLogger;
  readonly #workerLogger: Logger;
  readonly #tasks: TaskList = {};
  #utils: Promise<WorkerUtils> | null = null;
  #runner: Runner | null = null;
  #supervision: Promise<void> | null = null;
  readonly #closing = new AbortController();

  constructor(pool: pg.Pool, processId: string, logger: StoreLogger) {
    this.#pool = pool;
    this.#name = applicationName(processId);
    this.#logger = logger;
    this.#workerLogger = new Logger(() => (level, message) => {
      // A handler that rejects is an error to the library; to us it is the normal way to be called again later.
      if (level === 'error' || level === 'warning') logger.warn({}, message.split('\n', 1)[0] ?? message);
      else logger.debug({}, message);
    });
  }

  defineTask(name: string, handler: JobHandler): void {
    if (this.#supervision !== null) throw new StoreError('duplicate', `The task ${name} is defined after start().`);
    if (this.#tasks[name] !== undefined) throw new StoreError('duplicate', `The task ${name} is defined already.`);
    this.#tasks[name] = async (payload, { job }) => {
      const { id, attempts: attempt, max_attempts: maxAttempts } = job;
      await handler(payload, { jobId: String(id), attempt, maxAttempts, signal: this.#closing.signal });
    };
  }

  async start(): Promise<void> {
    if (this.#supervision !== null) return;
    const utils = await this.#tools();
    await this.#takeBackJobs(utils);
    this.#runner = await this.#run();
    this.#supervision = this.#supervise(this.#runner);
  }

  async add(name: string, payload: object, { keepExisting = false, ...options }: JobOptions = {}) {
    const utils = await this.#tools();
    await utils.addJob(name, payload, keepExisting ? { ...options, jobKeyMode: 'unsafe_dedupe' } : options);
  }

  /** A job that does not end within `timeoutMs` stays marked as ours, and is taken back at the next start. */
  async close(timeoutMs: number): Promise<void> {
    this.#closing.abort();
    const patience = new AbortController();
    const stopped = this.#runner?.stop().catch((error) => {
      this.#logger.warn({ error: errorText(error) }, 'the jobs did not end well');
    });
    await Promise.race([
      Promise.all([stopped, this.#supervision]),
      delay(timeoutMs, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
    const utils = await this.#utils?.catch(() => null);
    await utils?.release();
  }

  #tools(): Promise<WorkerUtils> {
    if (this.#closing.signal.aborted) throw new StoreError('closed', 'The store is closed: no job can be added.');
    this.#utils ??= this.#makeTools();
    return this.#utils;
  }

  async #makeTools(): Promise<WorkerUtils> {
    try {
      const utils = await makeWorkerUtils({ pgPool: this.#pool, logger: this.#workerLogger });
      await utils.migrate();
      return utils;
    } catch (error) {
      // The next caller tries again.
      this.#utils = null;
      throw error;
    }
  }

  /** Jobs under way are marked with the name of their process; those of dead ones would else wait for four hours. */
  async #takeBackJobs(utils: WorkerUtils): Promise<void> {
    const { rows } = await this.#pool.query<{ locked_by: string }>(
      `select distinct locked_by from graphile_worker.jobs where locked_by like 'voxology-%'
       and not exists (select from pg_stat_activity where application_name = locked_by)`,
    );
    if (rows.length > 0) await utils.forceUnlockWorkers(rows.map((row) => row.locked_by));
  }

  async #run(): Promise<Runner> {
    const events: WorkerEvents = new EventEmitter();
    events.on('pool:create', ({ workerPool }) => {
      // By this name the pool marks its jobs.
      Object.assign(workerPool, { id: this.#name });
    });
    return run({
      pgPool: this.#pool,
      taskList: this.#tasks,
      parsedCronItems: [],
      events,
      concurrency,
      pollInterval: pollIntervalMs,
      noHandleSignals: true,
      logger: this.#workerLogger,
    });
  }

  /** The library gives up when the database stays away for a while; we do not. */
  async #supervise(first: Runner): Promise<void> {
    let runner: Runner | null = first;
    while (!this.#closing.signal.aborted) {
      try {
        await runner?.promise;
        if (this.#closing.signal.aborted) return;
        this.#logger.warn({}, 'the job runner ended; starting it again');
      } catch (error) {
        this.#logger.error({ error: errorText(error) }, 'the job runner failed; starting it again');
      }
      await delay(restartDelayMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
      if (this.#closing.signal.aborted) return;
      runner = await this.#run().catch((error) => {
        this.#logger.error({ error: errorText(error) }, 'the job runner cannot be started');
        return null;
      });
      this.#runner = runner;
    }
  }
}
