import { parentPort, workerData } from 'node:worker_threads';
import { Batch, STREAM_APART_MS } from './batch.ts';
import { SYSTEM_TIME } from './clock.ts';
import { MediaWorker } from './media-worker.ts';
import { bindWith } from './packet-io.ts';
import type { WorkerCommand, WorkerEvent, WorkerSettings } from './protocol.ts';
import { raiseThreadPriority } from './thread-priority.ts';

/** The entry of a worker thread. */
const port = parentPort;
if (port === null) throw new Error('worker/thread.ts runs as a worker thread only');

raiseThreadPriority();
const events = new Batch<WorkerEvent>((batch) => port.postMessage(batch));
const settings = workerData as WorkerSettings;
const worker = new MediaWorker({
  settings,
  bind: bindWith(settings.packetIo),
  time: SYSTEM_TIME,
  post: (event) => {
    if (event.type === 'sessionEvent' && event.name === 'streamMedia') events.addSoon(event, STREAM_APART_MS);
    else events.add(event);
  },
});
port.on('message', (commands: WorkerCommand[]) => {
  for (const command of commands) {
    worker.handle(command);
    // Behind the events that the end itself brings, which leave in a turn of their own.
    if (command.type === 'shutDown') setImmediate(() => port.close());
  }
});
events.add({ type: 'ready' });
