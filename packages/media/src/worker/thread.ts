import { parentPort, workerData } from 'node:worker_threads';
import { SYSTEM_TIME } from './clock.ts';
import { bindDgramSocket } from './dgram-socket.ts';
import { MediaWorker } from './media-worker.ts';
import type { WorkerCommand, WorkerEvent, WorkerSettings } from './protocol.ts';

/** The entry of a worker thread. */
const port = parentPort;
if (port === null) throw new Error('worker/thread.ts runs as a worker thread only');

const worker = new MediaWorker({
  settings: workerData as WorkerSettings,
  bind: bindDgramSocket,
  time: SYSTEM_TIME,
  post: (event: WorkerEvent) => port.postMessage(event),
});
port.on('message', (command: WorkerCommand) => {
  worker.handle(command);
  if (command.type === 'shutDown') port.close();
});
port.postMessage({ type: 'ready' } satisfies WorkerEvent);
