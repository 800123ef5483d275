import type { MessagePort } from 'node:worker_threads';
import type { WorkerCommand, WorkerEvent, WorkerSettings, WorkerStats } from '../worker/protocol.ts';
import { FailureBudget } from './failure-budget.ts';
import { WorkerLink } from './worker-link.ts';

/** Dead workers that are replaced within {@link WORKER_FAILURES_MS}; later ones wait until the first of them are past. */
const MAX_WORKER_FAILURES = 10;
const WORKER_FAILURES_MS = 600_000;

export interface MediaWorkersOptions {
  count: number;
  settings: WorkerSettings;
  /** All but answers to {@link MediaWorkers.stats}. */
  onEvent: (worker: number, event: WorkerEvent) => void;
  /** A thread began, the first one or another in its place; it knows nothing yet. */
  onStarted: (worker: number) => void;
  /** A thread died with all it had; another one takes its place after this. */
  onFailure: (worker: number, reason: string) => void;
}

/** The worker threads by number, replaced when they die. */
export class MediaWorkers {
  readonly count: number;
  readonly #options: MediaWorkersOptions;
  readonly #links: WorkerLink[] = [];
  readonly #requests = new Map<number, PromiseWithResolvers<WorkerStats> & { worker: number }>();
  readonly #failures = new FailureBudget({
    most: MAX_WORKER_FAILURES,
    windowMs: WORKER_FAILURES_MS,
    now: () => performance.now(),
  });
  /** Workers that died and were not replaced yet. */
  readonly #down = new Set<number>();
  #nextRequest = 1;
  #closing = false;

  constructor(options: MediaWorkersOptions) {
    this.count = options.count;
    this.#options = options;
  }

  start(): void {
    for (let worker = 0; worker < this.count; worker++) this.#start(worker);
  }

  /** What is posted to a dead worker is lost. */
  post(worker: number, command: WorkerCommand): void {
    this.#links[worker]?.post(command);
  }

  postAll(command: WorkerCommand): void {
    for (const link of this.#links) link.post(command);
  }

  /** Posts a command that hands over a port. */
  postPort(worker: number, command: WorkerCommand, port: MessagePort): void {
    this.#links[worker]?.postPort(command, port);
  }

  /** Asks a worker for its figures; rejects when it is dead, dies or is closed before it answers. */
  async stats(worker: number): Promise<WorkerStats> {
    if (this.#down.has(worker)) throw new Error(`Media worker ${worker} died and was not replaced yet`);
    const requestId = this.#nextRequest++;
    const request = { worker, ...Promise.withResolvers<WorkerStats>() };
    this.#requests.set(requestId, request);
    this.post(worker, { type: 'readStats', requestId });
    return request.promise;
  }

  /** To be called now and then: replaces workers that had to wait for it. */
  tend(): void {
    if (this.#closing || !this.#failures.hasLeft) return;
    for (const worker of this.#down) this.#start(worker);
    this.#down.clear();
  }

  /** Ends all threads, by force after `graceMs`; resolves when they are gone. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#links.map((link) => link.close(graceMs)));
    for (const request of this.#requests.values()) request.reject(new Error('The media engine was closed'));
    this.#requests.clear();
  }

  #start(worker: number): void {
    this.#links[worker] = new WorkerLink({
      settings: this.#options.settings,
      onEvent: (event) => this.#onEvent(worker, event),
      onFailure: (reason) => this.#onFailure(worker, reason),
    });
    this.#options.onStarted(worker);
  }

  #onEvent(worker: number, event: WorkerEvent): void {
    if (event.type !== 'stats') {
      this.#options.onEvent(worker, event);
      return;
    }
    this.#requests.get(event.requestId)?.resolve(event.stats);
    this.#requests.delete(event.requestId);
  }

  #onFailure(worker: number, reason: string): void {
    for (const [requestId, request] of this.#requests) {
      if (request.worker !== worker) continue;
      this.#requests.delete(requestId);
      request.reject(new Error(`Media worker ${worker} died: ${reason}`));
    }
    try {
      this.#options.onFailure(worker, reason);
    } finally {
      this.#failures.spend();
      this.#down.add(worker);
      this.tend();
    }
  }
}
