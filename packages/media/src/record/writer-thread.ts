import { type MessagePort, parentPort } from 'node:worker_threads';
import { sha256OfFile } from './checksum.ts';
import { DISK } from './disk.ts';
import { RecordingWriter } from './recording-writer.ts';

/** What the control thread asks of the writer. */
export type ThreadCommand =
  | { type: 'connect'; connection: number; port: MessagePort }
  /** Ends the thread once the media workers have closed their channels and all is written. */
  | { type: 'shutDown' };

const SYNC_EVERY_MS = 10_000;

/** The entry of the recordings' thread. */
const control = parentPort;
if (control === null) throw new Error('record/writer-thread.ts runs as a worker thread only');

const writer = new RecordingWriter({
  disk: DISK,
  checksum: sha256OfFile,
  post: (event) => control.postMessage(event),
  syncEveryMs: SYNC_EVERY_MS,
});
control.on('message', (command: ThreadCommand) => {
  if (command.type === 'connect') writer.connect(command.connection, command.port);
  else writer.close(() => control.close());
});
