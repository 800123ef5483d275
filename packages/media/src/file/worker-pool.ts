import { Worker } from 'node:worker_threads';

/** Why the pool did not do a job; errors of the job itself come as they are. */
export type WorkerPoolReason = 'busy' | 'time_limit' | 'crashed' | 'closed';

export class WorkerPoolError extends Error {
  readonly reason: WorkerPoolReason;

  constructor(reason: WorkerPoolReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WorkerPoolError';
    this.reason = reason;
  }
}

export type WorkerPoolOptions = {
  /** Module that the workers run; it answers every message with one message. */
  script: URL;
  workers: number;
  /** Jobs that may wait for a worker; beyond it `run` is refused with `busy`. */
  queueLimit: number;
  /** A job that takes longer costs its worker the life and is refused with `time_limit`. */
  jobTimeLimitMs: number;
};

type Job<Input, Output> = {
  input: Input;
  transfer: ArrayBuffer[];
  resolve(output: Output): void;
  reject(error: Error): void;
};

/** A few worker threads, started when needed, that do one job each at a time. Idle workers do not keep the process alive. */
export class WorkerPool<Input, Output> {
  readonly #options: WorkerPoolOptions;
  readonly #idle: Worker[] = [];
  readonly #workers = new Set<Worker>();
  readonly #queue: Job<Input, Output>[] = [];
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /**
   * Has a worker do a job: posts `input` to it and resolves with its answer.
   *
   * @param transfer buffers of `input` to hand over instead of copying
   * @throws WorkerPoolError
   */
  run(input: Input, transfer: ArrayBuffer[] = []): Promise<Output> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new WorkerPoolError('closed', 'the worker pool is closed'));
      } else if (this.#queue.length >= this.#options.queueLimit && !this.#hasRoom()) {
        reject(new WorkerPoolError('busy', `${this.#queue.length} jobs wait already`));
      } else {
        this.#queue.push({ input, transfer, resolve, reject });
        this.#advance();
      }
    });
  }

  /** Refuses waiting and running jobs with `closed` and ends the workers. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#queue.splice(0)) job.reject(new WorkerPoolError('closed', 'the worker pool was closed'));
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
  }

  #hasRoom(): boolean {
    return this.#idle.length > 0 || this.#workers.size < this.#options.workers;
  }

  #advance(): void {
    while (!this.#closed && this.#queue.length > 0 && this.#hasRoom()) {
      const job = this.#queue.shift();
      if (job !== undefined) this.#start(this.#idle.pop() ?? this.#spawn(), job);
    }
  }

  #spawn(): Worker {
    // What decoders print about hostile files is no message of ours.
    const worker = new Worker(this.#options.script, { stdout: true, stderr: true });
    worker.stdout.resume();
    worker.stderr.resume();
    this.#workers.add(worker);
    return worker;
  }

  #start(worker: Worker, job: Job<Input, Output>): void {
    const { jobTimeLimitMs } = this.#options;
    let failure = new WorkerPoolError('crashed', 'the worker ended while it did the job');
    const timer = setTimeout(() => {
      failure = new WorkerPoolError('time_limit', `the job took longer than ${jobTimeLimitMs} ms`);
      worker.removeAllListeners('message');
      void worker.terminate();
    }, jobTimeLimitMs);
    const onMessage = (output: Output) => {
      clearTimeout(timer);
      worker.removeAllListeners();
      // A worker that fails while idle is replaced at the next job.
      worker.on('error', () => this.#forget(worker));
      worker.on('exit', () => this.#forget(worker));
      worker.unref();
      this.#idle.push(worker);
      job.resolve(output);
      this.#advance();
    };
    worker.removeAllListeners();
    worker.on('message', onMessage);
    worker.on('error', (error) => {
      failure = new WorkerPoolError('crashed', `the worker failed: ${String(error)}`, { cause: error });
    });
    worker.on('exit', () => {
      clearTimeout(timer);
      this.#forget(worker);
      job.reject(this.#closed ? new WorkerPoolError('closed', 'the worker pool was closed') : failure);
      this.#advance();
    });
    worker.ref();
    worker.postMessage(job.input, job.transfer);
  }

  #forget(worker: Worker): void {
    this.#workers.delete(worker);
    const index = this.#idle.indexOf(worker);
    if (index >= 0) this.#idle.splice(index, 1);
  }
}
