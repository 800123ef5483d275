import type { Channel, WriterCommand, WriterReply } from './protocol.ts';
import type { RecorderOutput } from './recorder.ts';
import type { RecordingEndReason, RecordingSettings } from './recording.ts';

/** Blocks of half a second on their way to the disk; more than this, and the disk does not keep up. */
const MAX_WAITING = 40;
/** Blocks kept for the next use. */
const MAX_FREE = 4;

/** The media worker's end of its channel to the writer: one output for each recording. */
export class WriterChannel {
  readonly #channel: Channel;
  readonly #outputs = new Map<number, WriterOutput>();

  /** `onLost`: the writer died; its recordings end, each by its `onGone`. */
  constructor(channel: Channel, onLost: () => void) {
    this.#channel = channel;
    channel.on('message', (reply) => this.#handle(reply as WriterReply));
    channel.on('close', () => {
      const outputs = [...this.#outputs.values()];
      this.#outputs.clear();
      for (const output of outputs) output.gone();
      onLost();
    });
  }

  /** Begins a file. `onGone`: the recording has come to its end, here or in the writer. */
  open(recording: number, settings: RecordingSettings, onGone: () => void): RecorderOutput {
    const { path, format, channels, sampleRateHz, maxBytes } = settings;
    this.#send({ type: 'open', recording, path, format, channels, sampleRateHz, maxBytes });
    const output = new WriterOutput(recording, (command) => this.#send(command), onGone);
    this.#outputs.set(recording, output);
    return output;
  }

  close(): void {
    this.#channel.close();
  }

  #send(command: WriterCommand): void {
    if (command.type === 'samples') this.#channel.postMessage(command, [command.block.buffer]);
    else this.#channel.postMessage(command);
  }

  #handle(reply: WriterReply): void {
    const output = this.#outputs.get(reply.recording);
    if (output === undefined) return;
    if (reply.type === 'used') {
      output.reuse(reply.block);
      return;
    }
    this.#outputs.delete(reply.recording);
    output.gone();
  }
}

class WriterOutput implements RecorderOutput {
  readonly #recording: number;
  readonly #send: (command: WriterCommand) => void;
  readonly #onGone: () => void;
  readonly #free: Int16Array<ArrayBuffer>[] = [];
  #waiting = 0;
  #ended = false;

  constructor(recording: number, send: (command: WriterCommand) => void, onGone: () => void) {
    this.#recording = recording;
    this.#send = send;
    this.#onGone = onGone;
  }

  block(length: number): Int16Array<ArrayBuffer> {
    const free = this.#free.pop();
    if (free?.length !== length) return new Int16Array(length);
    free.fill(0);
    return free;
  }

  write(block: Int16Array<ArrayBuffer>): void {
    if (this.#ended) return;
    if (this.#waiting >= MAX_WAITING) {
      const message = `The recording fell ${MAX_WAITING / 2} s behind: its disk is too slow, or recordings need more threads`;
      this.#end('error', null, { reason: 'too_slow', message });
      this.gone();
      return;
    }
    this.#waiting++;
    this.#send({ type: 'samples', recording: this.#recording, block });
  }

  end(reason: RecordingEndReason, keepFrames: number | null): void {
    this.#end(reason, keepFrames, null);
  }

  reuse(block: Int16Array<ArrayBuffer>): void {
    this.#waiting--;
    if (this.#free.length < MAX_FREE) this.#free.push(block);
  }

  gone(): void {
    this.#ended = true;
    this.#onGone();
  }

  #end(reason: RecordingEndReason, keepFrames: number | null, error: (WriterCommand & { type: 'end' })['error']): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#send({ type: 'end', recording: this.#recording, reason, keepFrames, error });
  }
}
