import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { WriterEvent } from './protocol.ts';
import type { RecordingEnd } from './recording.ts';
import type { ThreadCommand } from './writer-thread.ts';

export interface RecordingThreadsOptions {
  /** Threads that write; each started when first needed. One is enough for hundreds of WAV files or some 50 MP3 files. */
  threads: number;
  /** Gives a media worker its end of a channel, before the first recording that uses it. */
  connect: (worker: number, thread: number, port: MessagePort) => void;
}

interface Pending {
  recordingId: string;
  connection: number;
  thread: number;
  onEnd: (end: RecordingEnd) => void;
}

interface Thread {
  worker: Worker;
  exited: Promise<void>;
  recordings: number;
  /** Connections by the number of their media worker. */
  connections: Map<number, number>;
}

/** The control thread's view of all recordings: chooses their threads and tells each one's end exactly once. */
export class RecordingThreads {
  readonly #options: RecordingThreadsOptions;
  readonly #threads: (Thread | null)[];
  readonly #pending = new Map<number, Pending>();
  #next = 1;
  #closing = false;

  constructor(options: RecordingThreadsOptions) {
    this.#options = options;
    this.#threads = Array.from({ length: options.threads }, () => null);
  }

  /** Whether a recording of this name has not ended yet. */
  has(recordingId: string): boolean {
    for (const pending of this.#pending.values()) if (pending.recordingId === recordingId) return true;
    return false;
  }

  /** Prepares a recording of a session on this media worker; returns the engine's number for it and its thread's. */
  begin(
    recordingId: string,
    worker: number,
    onEnd: (end: RecordingEnd) => void,
  ): { recording: number; thread: number } {
    const thread = this.#leastBusy();
    const running = this.#threads[thread] ?? this.#start(thread);
    const connection = running.connections.get(worker) ?? this.#connect(running, worker, thread);
    const recording = this.#next++;
    running.recordings++;
    this.#pending.set(recording, { recordingId, connection, thread, onEnd });
    return { recording, thread };
  }

  /** A recording never began: its session had ended in the worker already. */
  refuse(recording: number): void {
    this.#end(recording, { reason: 'session_closed', durationMs: 0, bytes: 0, sha256: '', error: null });
  }

  /** A media worker died; its number goes to another one. The ends of its recordings follow. */
  workerGone(worker: number): void {
    for (const thread of this.#threads) thread?.connections.delete(worker);
  }

  /** Ends the threads once all is written, by force after `graceMs`. The media workers must have ended before. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    await Promise.all(
      this.#threads.map(async (thread) => {
        if (thread === null) return;
        thread.worker.ref();
        thread.worker.postMessage({ type: 'shutDown' } satisfies ThreadCommand);
        const force = setTimeout(() => void thread.worker.terminate(), graceMs);
        await thread.exited;
        clearTimeout(force);
      }),
    );
  }

  #leastBusy(): number {
    let least = 0;
    for (let i = 1; i < this.#threads.length; i++) {
      if ((this.#threads[i]?.recordings ?? 0) < (this.#threads[least]?.recordings ?? 0)) least = i;
    }
    return least;
  }

  #start(index: number): Thread {
    const worker = new Worker(new URL('./writer-thread.ts', import.meta.url), { name: 'recordings' });
    let reason = 'The recording thread ended';
    worker.on('message', (event: WriterEvent) => this.#onEvent(event));
    worker.on('error', (error: unknown) => {
      reason = `The recording thread died: ${String(error)}`;
    });
    const exited = new Promise<void>((resolve) => {
      worker.once('exit', () => {
        this.#threads[index] = null;
        resolve();
        this.#endAll(({ thread: own }) => own === index, reason);
      });
    });
    const thread: Thread = { worker, exited, recordings: 0, connections: new Map() };
    this.#threads[index] = thread;
    worker.unref();
    return thread;
  }

  #connect(thread: Thread, worker: number, index: number): number {
    const { port1, port2 } = new MessageChannel();
    const connection = this.#next++;
    thread.connections.set(worker, connection);
    thread.worker.postMessage({ type: 'connect', connection, port: port1 } satisfies ThreadCommand, [port1]);
    this.#options.connect(worker, index, port2);
    return connection;
  }

  #onEvent(event: WriterEvent): void {
    if (event.type === 'ended') {
      this.#end(event.recording, event.end);
      return;
    }
    this.#endAll(
      ({ connection }) => connection === event.connection,
      'The media worker of the call died before the recording began',
    );
  }

  #endAll(which: (pending: Pending) => boolean, message: string): void {
    for (const [recording, pending] of this.#pending) {
      if (!which(pending)) continue;
      const error = this.#closing ? null : ({ reason: 'thread_failed', message } as const);
      const reason = this.#closing ? 'session_closed' : 'error';
      this.#end(recording, { reason, durationMs: 0, bytes: 0, sha256: '', error });
    }
  }

  #end(recording: number, end: Omit<RecordingEnd, 'recordingId'>): void {
    const pending = this.#pending.get(recording);
    if (pending === undefined) return;
    this.#pending.delete(recording);
    const thread = this.#threads[pending.thread];
    if (thread) thread.recordings--;
    pending.onEnd({ recordingId: pending.recordingId, ...end });
  }
}
