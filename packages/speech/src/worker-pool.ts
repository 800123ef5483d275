import { Worker } from 'node:worker_threads';
import { FairQueue } from './fair-queue.ts';
import { SpeechError } from './speech-error.ts';

export type WorkerPoolOptions = {
  /** Module that the workers run; it answers every message with one message. */
  script: URL;
  /** Given to every worker at its start. */
  workerData: unknown;
  workers: number;
  /** Jobs that may wait for a worker. */
  queueLimit: number;
  /** A job that takes longer costs its worker the life. */
  jobTimeLimitMs: number;
};

type Job<Input, Output> = {
  input: Input;
  signal: AbortSignal;
  resolve(output: Output): void;
  reject(error: unknown): void;
};

/** A few worker threads, started when needed, that do one job each at a time. Idle workers do not keep the process alive. */
export class WorkerPool<Input, Output> {
  readonly #options: WorkerPoolOptions;
  readonly #idle: Worker[] = [];
  readonly #workers = new Set<Worker>();
  readonly #queue = new FairQueue<AbortSignal, Job<Input, Output>>();
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /**
   * Has a worker do a job. Jobs with the same signal belong together; those of different signals take turns. A job whose signal is aborted before a worker takes it is dropped; one that runs is let run.
   *
   * @throws SpeechError `busy`, `time_limit`, `failed` (the worker died) or `closed`; the signal's reason
   */
  run(input: Input, signal: AbortSignal): Promise<Output> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new SpeechError('closed', 'speech is closed'));
      } else if (this.#queue.length >= this.#options.queueLimit && !this.#hasRoom()) {
        reject(new SpeechError('busy', `${this.#queue.length} sentences wait to be spoken already`));
      } else {
        this.#queue.push(signal, { input, signal, resolve, reject });
        this.#advance();
      }
    });
  }

  /** Refuses waiting and running jobs with `closed` and ends the workers. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#queue.drain()) job.reject(new SpeechError('closed', 'speech was closed'));
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
  }

  #hasRoom(): boolean {
    return this.#idle.length > 0 || this.#workers.size < this.#options.workers;
  }

  #advance(): void {
    while (!this.#closed && this.#queue.length > 0 && this.#hasRoom()) {
      const job = this.#queue.shift();
      if (job === undefined) return;
      if (job.signal.aborted) job.reject(job.signal.reason);
      else this.#start(this.#idle.pop() ?? this.#spawn(), job);
    }
  }

  #spawn(): Worker {
    const worker = new Worker(this.#options.script, { workerData: this.#options.workerData });
    this.#workers.add(worker);
    return worker;
  }

  #start(worker: Worker, job: Job<Input, Output>): void {
    const { jobTimeLimitMs } = this.#options;
    let failure = new SpeechError('failed', 'the speech worker ended while it spoke');
    const timer = setTimeout(() => {
      failure = new SpeechError('time_limit', `a sentence took longer than ${jobTimeLimitMs} ms to speak`);
      worker.removeAllListeners('message');
      void worker.terminate();
    }, jobTimeLimitMs);
    worker.removeAllListeners();
    worker.on('message', (output: Output) => {
      clearTimeout(timer);
      worker.removeAllListeners();
      // A worker that dies while idle is replaced at the next job.
      worker.on('error', () => this.#forget(worker));
      worker.on('exit', () => this.#forget(worker));
      worker.unref();
      this.#idle.push(worker);
      job.resolve(output);
      this.#advance();
    });
    worker.on('error', (error) => {
      failure = new SpeechError('failed', `the speech worker failed: ${String(error)}`, { cause: error });
    });
    worker.on('exit', () => {
      clearTimeout(timer);
      this.#forget(worker);
      job.reject(this.#closed ? new SpeechError('closed', 'speech was closed') : failure);
      this.#advance();
    });
    worker.ref();
    worker.postMessage(job.input);
  }

  #forget(worker: Worker): void {
    this.#workers.delete(worker);
    const index = this.#idle.indexOf(worker);
    if (index >= 0) this.#idle.splice(index, 1);
  }
}
