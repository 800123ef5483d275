import { type MessagePort, Worker } from 'node:worker_threads';
import { Batch, STREAM_APART_MS } from '../worker/batch.ts';
import type { WorkerCommand, WorkerEvent, WorkerSettings } from '../worker/protocol.ts';

/** Small, so that collecting it takes 2 ms and no more than 5; at V8's own size it takes 6 to 12, and every call waits. */
const YOUNG_GENERATION_MB = 6;

export interface WorkerLinkOptions {
  settings: WorkerSettings;
  onEvent: (event: WorkerEvent) => void;
  /** The thread ended without having been asked to. */
  onFailure: (reason: string) => void;
}

/** The control thread's end of one worker thread. */
export class WorkerLink {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  readonly #commands = new Batch<WorkerCommand>((commands) => this.#worker.postMessage(commands));
  #closing = false;

  constructor(options: WorkerLinkOptions) {
    let reason = '';
    this.#worker = new Worker(new URL('../worker/thread.ts', import.meta.url), {
      name: 'media',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
      workerData: options.settings,
    });
    this.#worker.on('message', (events: WorkerEvent[]) => {
      for (const event of events) options.onEvent(event);
    });
    this.#worker.on('error', (error: unknown) => {
      reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        resolve();
        if (!this.#closing) options.onFailure(reason === '' ? `The media worker ended with code ${code}` : reason);
      });
    });
  }

  post(command: WorkerCommand): void {
    if (command.type === 'writeStream') this.#commands.addSoon(command, STREAM_APART_MS);
    else this.#commands.add(command);
  }

  /** Posts a command that hands over a port, ahead of what was posted in the same turn. */
  postPort(command: WorkerCommand, port: MessagePort): void {
    this.#worker.postMessage([command], [port]);
  }

  /** Ends sessions, sockets and the thread; resolves when it is gone, by force after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    this.post({ type: 'shutDown' });
    const force = setTimeout(() => void this.#worker.terminate(), graceMs);
    await this.#ended;
    clearTimeout(force);
  }
}
