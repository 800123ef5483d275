import {
  closeSync,
  existsSync,
  fdatasync,
  fsync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { RecordingErrorReason } from './recording.ts';

/** What a recording asks of the file system; another one takes its place in tests of full and broken disks. */
export interface Disk {
  exists(path: string): boolean;
  /** Makes a file that was not there, for its owner only. */
  create(path: string): number;
  write(file: number, bytes: Uint8Array, at: number): number;
  truncate(file: number, length: number): void;
  /** Has what was written brought to the disk, without waiting for it. */
  sync(file: number, done: (error: Error | null) => void): void;
  close(file: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
}

/** The system's own. */
export const DISK: Disk = {
  exists: existsSync,
  create: (path) => openSync(path, 'wx', 0o600),
  write: (file, bytes, at) => writeSync(file, bytes, 0, bytes.length, at),
  truncate: ftruncateSync,
  sync: (file, done) => fdatasync(file, done),
  close: closeSync,
  rename(from, to) {
    renameSync(from, to);
    const folder = openSync(dirname(to), 'r');
    // The name is on the disk when the folder is; nobody waits for it.
    fsync(folder, () => closeSync(folder));
  },
  remove: (path) => rmSync(path, { force: true }),
};

/** A recording cannot be made or go on. */
export class RecordingFailure extends Error {
  readonly reason: RecordingErrorReason;

  constructor(reason: RecordingErrorReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RecordingFailure';
    this.reason = reason;
  }
}

const REASONS: Readonly<Record<string, RecordingErrorReason>> = {
  EEXIST: 'exists',
  ENOENT: 'unwritable',
  ENOTDIR: 'unwritable',
  EACCES: 'unwritable',
  EPERM: 'unwritable',
  EROFS: 'unwritable',
  ENOSPC: 'disk_full',
  EDQUOT: 'disk_full',
  EFBIG: 'disk_full',
};

const ADVICE: Readonly<Record<RecordingErrorReason, string>> = {
  exists: 'a file of that name is there already',
  unwritable: 'the folder must exist and belong to the account of the server',
  disk_full: 'make room on the disk of the recordings, or delete old ones',
  write_failed: 'look at the disk of the recordings',
  too_slow: 'the disk of the recordings is too slow, or more recording threads are needed',
  thread_failed: 'the recording thread died',
};

/** The failure that an error of the file system means. */
export function recordingFailure(act: string, path: string, error: unknown): RecordingFailure {
  if (error instanceof RecordingFailure) return error;
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException;
  const reason = REASONS[code] ?? 'write_failed';
  return new RecordingFailure(reason, `Cannot ${act} the recording ${path} (${code || message}): ${ADVICE[reason]}`, {
    cause: error,
  });
}
