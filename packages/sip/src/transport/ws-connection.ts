import { isUtf8 } from 'node:buffer';
import { WebSocket } from 'ws';

const PING = '\r\n\r\n';
const PONG = '\r\n';
/** RFC 6455 §7.4.1. */
const GOING_AWAY = 1001;
const GOOD_BYE_MS = 1000;

/** What a WebSocket tells the transport it belongs to. */
export interface WsConnectionEvents {
  message(bytes: Uint8Array): void;
  closed(error: Error | undefined): void;
}

/** One WebSocket that carries SIP (RFC 7118): each of its messages is one SIP message, text or binary. */
export class WsConnection {
  readonly id: string;
  readonly #socket: WebSocket;
  readonly #events: WsConnectionEvents;
  readonly #maxQueuedBytes: number;
  /** What to tell the senders of messages that have not left yet. */
  readonly #unsent = new Set<(error: Error) => void>();
  #isAlive = true;
  #error: Error | undefined;

  constructor(
    socket: WebSocket,
    options: { readonly id: string; readonly maxQueuedBytes: number },
    events: WsConnectionEvents,
  ) {
    this.id = options.id;
    this.#socket = socket;
    this.#events = events;
    this.#maxQueuedBytes = options.maxQueuedBytes;
    socket.binaryType = 'nodebuffer';
    socket.on('message', (data) => this.#read(data as Buffer));
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    socket.on('close', () => this.#close());
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send(bytes: Uint8Array, failed?: (error: Error) => void): void {
    if (!this.isOpen) {
      if (failed !== undefined) queueMicrotask(() => failed(this.#reason()));
      return;
    }
    if (failed !== undefined) this.#unsent.add(failed);
    // A peer that stops reading must not make us hold its messages without end.
    if (this.#socket.bufferedAmount + bytes.length > this.#maxQueuedBytes) {
      this.#error = new Error('the peer does not read: too much is waiting to be sent');
      this.#socket.terminate();
      return;
    }
    // Clients written in JavaScript read text more readily (RFC 7118 §4.2), which bytes outside of UTF-8 cannot be.
    this.#socket.send(bytes, { binary: !isUtf8(bytes) }, (error) => {
      if (failed !== undefined && (error === undefined || error === null)) this.#unsent.delete(failed);
    });
  }

  /** Asks the peer for a sign of life, or ends the connection when the last question was not answered. */
  ping(): void {
    if (!this.#isAlive) {
      this.#error ??= new Error('the peer gives no sign of life');
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    if (this.isOpen) this.#socket.ping();
  }

  /** Says good-bye, and goes a moment later when the peer does not. */
  end(): void {
    this.#socket.close(GOING_AWAY);
    const timer = setTimeout(() => this.#socket.terminate(), GOOD_BYE_MS);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  #read(bytes: Buffer): void {
    this.#isAlive = true;
    // The keep-alive of RFC 5626 §4.4.1; some clients send it over WebSockets too.
    if (bytes.length === PING.length && bytes.toString() === PING) {
      if (this.isOpen) this.#socket.send(PONG);
    } else this.#events.message(bytes);
  }

  #close(): void {
    const reason = this.#reason();
    for (const failed of this.#unsent) failed(reason);
    this.#unsent.clear();
    this.#events.closed(this.#error);
  }

  #reason(): Error {
    return this.#error ?? new Error('the WebSocket was closed');
  }
}
