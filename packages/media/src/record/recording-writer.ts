import { type Disk, type RecordingFailure, recordingFailure } from './disk.ts';
import type { Channel, RecordingFault, WriterCommand, WriterEvent } from './protocol.ts';
import type { RecordingEndReason } from './recording.ts';
import { RecordingFile } from './recording-file.ts';

export interface RecordingWriterOptions {
  disk: Disk;
  /** SHA-256 of a file. */
  checksum: (path: string) => Promise<string>;
  post: (event: WriterEvent) => void;
  /** So much sound may be lost when the machine loses its power; a killed process loses none of it. */
  syncEveryMs: number;
}

interface Open {
  file: RecordingFile;
  channel: Channel;
  syncedMs: number;
}

/**
 * Writes the recordings of all media workers, in a thread of its own where the disk may take its time. Writes at once what
 * comes; has it brought to the disk (fdatasync) every `syncEveryMs` of sound, without waiting, and at the end, waiting.
 */
export class RecordingWriter {
  readonly #options: RecordingWriterOptions;
  readonly #open = new Map<number, Open>();
  readonly #finishing = new Set<Promise<void>>();
  readonly #connections = new Set<number>();
  #closing: (() => void) | null = null;

  constructor(options: RecordingWriterOptions) {
    this.#options = options;
  }

  /** Takes the recordings of a media worker until it closes the channel. */
  connect(connection: number, channel: Channel): void {
    this.#connections.add(connection);
    channel.on('message', (command) => this.#handle(command as WriterCommand, channel));
    channel.on('close', () => this.#disconnected(connection, channel));
  }

  /** Calls `closed` once every media worker has gone and every file is finished. */
  close(closed: () => void): void {
    this.#closing = closed;
    this.#checkClosed();
  }

  #handle(command: WriterCommand, channel: Channel): void {
    switch (command.type) {
      case 'open':
        this.#begin(command, channel);
        break;
      case 'samples':
        this.#add(command.recording, command.block, channel);
        break;
      case 'end':
        this.#end(command.recording, command.reason, command.keepFrames, command.error);
        break;
    }
  }

  #begin(command: WriterCommand & { type: 'open' }, channel: Channel): void {
    const { recording, path, format, channels, sampleRateHz, maxBytes } = command;
    try {
      const file = new RecordingFile({ path, format, channels, sampleRateHz, maxBytes, disk: this.#options.disk });
      this.#open.set(recording, { file, channel, syncedMs: 0 });
    } catch (error) {
      channel.postMessage({ type: 'gone', recording });
      this.#postNothing(recording, faultOf(recordingFailure('begin', path, error)));
    }
  }

  #add(recording: number, block: Int16Array<ArrayBuffer>, channel: Channel): void {
    const open = this.#open.get(recording);
    if (open !== undefined) this.#write(recording, open, block);
    channel.postMessage({ type: 'used', recording, block }, [block.buffer]);
  }

  #write(recording: number, open: Open, block: Int16Array): void {
    const { file } = open;
    try {
      if (!file.add(block)) this.#end(recording, 'max_bytes', null, null);
    } catch (error) {
      this.#end(recording, 'error', null, faultOf(recordingFailure('write', file.path, error)));
      return;
    }
    if (file.durationMs - open.syncedMs < this.#options.syncEveryMs) return;
    open.syncedMs = file.durationMs;
    file.sync();
  }

  #end(recording: number, reason: RecordingEndReason, keepFrames: number | null, error: RecordingFault | null): void {
    const open = this.#open.get(recording);
    if (open === undefined) return;
    this.#open.delete(recording);
    open.channel.postMessage({ type: 'gone', recording });
    const finishing = this.#finish(recording, open.file, reason, keepFrames, error).finally(() => {
      this.#finishing.delete(finishing);
      this.#checkClosed();
    });
    this.#finishing.add(finishing);
  }

  async #finish(
    recording: number,
    file: RecordingFile,
    reason: RecordingEndReason,
    keepFrames: number | null,
    fault: RecordingFault | null,
  ): Promise<void> {
    let error = fault;
    let kept = true;
    try {
      if (error === null) await file.finish(keepFrames);
      else kept = file.salvage();
    } catch (failure) {
      error = faultOf(recordingFailure('finish', file.path, failure));
      kept = file.salvage();
    }
    if (!kept) {
      this.#postNothing(recording, error);
      return;
    }
    let sha256 = '';
    try {
      sha256 = await this.#options.checksum(file.path);
    } catch (failure) {
      error ??= faultOf(recordingFailure('read', file.path, failure));
    }
    const { durationMs, bytes } = file;
    const end = { reason: error === null ? reason : 'error', durationMs, bytes, sha256, error } as const;
    this.#options.post({ type: 'ended', recording, end });
  }

  #postNothing(recording: number, error: RecordingFault | null): void {
    const end = { reason: 'error', durationMs: 0, bytes: 0, sha256: '', error } as const;
    this.#options.post({ type: 'ended', recording, end });
  }

  #disconnected(connection: number, channel: Channel): void {
    const error: RecordingFault = {
      reason: 'thread_failed',
      message: 'The media worker of the call died; the recording is kept up to there',
    };
    for (const [recording, open] of this.#open) {
      if (open.channel === channel) this.#end(recording, 'error', null, error);
    }
    void Promise.allSettled([...this.#finishing]).then(() => {
      this.#connections.delete(connection);
      this.#options.post({ type: 'disconnected', connection });
      this.#checkClosed();
    });
  }

  #checkClosed(): void {
    if (this.#closing === null || this.#connections.size > 0 || this.#finishing.size > 0) return;
    this.#closing();
    this.#closing = null;
  }
}

function faultOf({ reason, message }: RecordingFailure): RecordingFault {
  return { reason, message };
}
