import type { Socket } from 'node:net';
import type { MessageLimits } from '../message/limits.ts';
import { StreamFramer } from '../message/stream-framer.ts';

const PONG = Buffer.from('\r\n');

/** What a connection tells the transport it belongs to. */
export interface ConnectionEvents {
  message(bytes: Uint8Array): void;
  /** The bytes no longer are SIP; the connection is closed. `bytes` is what was read of the message at fault. */
  broken(reason: string, bytes: Uint8Array): void;
  closed(): void;
}

/** One TCP connection, opened by either side: cuts messages out of the stream, answers keep-alives, queues to send. */
export class TcpConnection {
  readonly #socket: Socket;
  readonly #framer: StreamFramer;
  readonly #events: ConnectionEvents;
  readonly #maxQueuedBytes: number;
  /** What to tell the senders of messages that have not left yet. */
  readonly #unsent = new Set<(error: Error) => void>();
  #error: Error | undefined;

  constructor(
    socket: Socket,
    options: { readonly message: Readonly<MessageLimits>; readonly idleMs: number; readonly maxQueuedBytes: number },
    events: ConnectionEvents,
  ) {
    this.#socket = socket;
    this.#framer = new StreamFramer(options.message);
    this.#events = events;
    this.#maxQueuedBytes = options.maxQueuedBytes;
    socket.setNoDelay(true);
    socket.setTimeout(options.idleMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => {
      this.#error = error;
    });
    socket.on('close', () => this.#close());
  }

  send(bytes: Uint8Array, failed?: (error: Error) => void): void {
    if (this.#socket.destroyed) {
      if (failed !== undefined) queueMicrotask(() => failed(this.#reason()));
      return;
    }
    // A peer that stops reading must not make us hold its messages without end.
    if (this.#socket.writableLength + bytes.length > this.#maxQueuedBytes) {
      this.#error = new Error('the peer does not read: too much is waiting to be sent');
      if (failed !== undefined) this.#unsent.add(failed);
      this.#socket.destroy();
      return;
    }
    if (failed === undefined) {
      this.#socket.write(bytes);
      return;
    }
    this.#unsent.add(failed);
    // A failed write is reported once, when the socket closes.
    this.#socket.write(bytes, (error) => {
      if (error === null || error === undefined) this.#unsent.delete(failed);
    });
  }

  destroy(reason?: Error): void {
    this.#error ??= reason;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    for (const frame of this.#framer.push(chunk)) {
      switch (frame.kind) {
        case 'message':
          this.#events.message(frame.bytes);
          break;
        case 'ping':
          this.#socket.write(PONG);
          break;
        case 'broken':
          this.#events.broken(frame.message, frame.bytes);
          // What was written so far, a response to the broken request perhaps, still goes out.
          this.#socket.end();
          this.#socket.pause();
          break;
      }
    }
  }

  #close(): void {
    const reason = this.#reason();
    for (const failed of this.#unsent) failed(reason);
    this.#unsent.clear();
    this.#events.closed();
  }

  #reason(): Error {
    return this.#error ?? new Error('the connection was closed');
  }
}
