import { isIP, type LookupFunction } from 'node:net';
import { WebSocket } from 'ws';
import type { AddressGuard } from './address-guard.ts';
import { hostOf, refusedAddress } from './connector.ts';
import { EgressError } from './egress-error.ts';
import { failureOf } from './failure.ts';
import { parseSocketTarget, type Target } from './target.ts';

export interface SocketRequest {
  /** ws or wss. User name and password in it are sent as `Authorization: Basic`. */
  url: string;
  headers?: Readonly<Record<string, string>>;
  /** Time until it is open. Default: that of the client's connections. */
  openTimeoutMs?: number;
  /** Longest message taken; a longer one ends the socket. Default 1 MiB. */
  maxMessageBytes?: number;
  /** Bytes that may wait to be sent to a slow far end; what comes beyond is refused. Default 1 MiB. */
  maxBufferedBytes?: number;
  onOpen(): void;
  onText(text: string): void;
  /** A message of bytes came, which is not read. */
  onBytes?(): void;
  /** The last call: `error` tells why it could not be opened or broke, null after an orderly end. */
  onClosed(error: EgressError | null): void;
}

export interface SocketGuard {
  guard: AddressGuard;
  lookup: LookupFunction;
  openTimeoutMs: number;
  userAgent: string;
}

const MAX_MESSAGE_BYTES = 1_048_576;
/** How long a far end may take to answer our close. */
const CLOSE_GRACE_MS = 2000;

/** A WebSocket to a URL that a user gave; opened by {@link Egress.openSocket}. */
export class EgressSocket {
  readonly #request: SocketRequest;
  readonly #socket: WebSocket | null;
  #target: Target | null = null;
  #error: EgressError | null = null;
  #closed = false;

  constructor(request: SocketRequest, options: SocketGuard) {
    this.#request = request;
    this.#socket = this.#open(options);
  }

  /** Queues a text message. False, and nothing sent, when the socket is not open or too much waits already. */
  send(text: string): boolean {
    const socket = this.#socket;
    if (socket === null || socket.readyState !== WebSocket.OPEN) return false;
    if (socket.bufferedAmount > (this.#request.maxBufferedBytes ?? 1_048_576)) return false;
    // Bytes go out as one piece; of a text `ws` makes two, the header and the rest, which costs more than this copy.
    socket.send(Buffer.from(text), { binary: false });
    return true;
  }

  /** Ends it in an orderly way; `onClosed` follows. May be called at any time. */
  close(): void {
    const socket = this.#socket;
    if (socket === null || this.#closed) return;
    if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
    else socket.close(1000);
    setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref();
  }

  #open({ guard, lookup, openTimeoutMs, userAgent }: SocketGuard): WebSocket | null {
    const { url, headers, maxMessageBytes = MAX_MESSAGE_BYTES } = this.#request;
    try {
      const target = parseSocketTarget(url);
      this.#target = target;
      const host = hostOf(target.hostname);
      const range = isIP(host) === 0 ? null : guard.refusal(host);
      if (range !== null) throw refusedAddress(host, `${host} (${range})`);
      const socket = new WebSocket(target.url, {
        headers: {
          'user-agent': userAgent,
          ...(target.authorization === null ? {} : { authorization: target.authorization }),
          ...headers,
        },
        lookup,
        handshakeTimeout: this.#request.openTimeoutMs ?? openTimeoutMs,
        maxPayload: maxMessageBytes,
        // Sound does not get smaller, and a small message that unpacks to a large one is an attack.
        perMessageDeflate: false,
        followRedirects: false,
      });
      this.#listen(socket);
      return socket;
    } catch (error) {
      const failure = error instanceof EgressError ? error : new EgressError('invalid-request', String(error));
      queueMicrotask(() => this.#end(failure));
      return null;
    }
  }

  #listen(socket: WebSocket): void {
    socket.on('open', () => this.#request.onOpen());
    socket.on('message', (data, isBinary) => {
      if (isBinary) this.#request.onBytes?.();
      else this.#request.onText(String(data));
    });
    socket.on('unexpected-response', (_request, response) => {
      const status = response.statusCode ?? 0;
      this.#error = new EgressError(
        'bad-response',
        `${this.#target?.url} answered ${status}; a WebSocket must be answered with 101`,
      );
      socket.terminate();
    });
    socket.on('error', (error) => {
      this.#error ??= this.#target === null ? null : this.#failure(error, this.#target);
    });
    socket.on('close', (code) => this.#end(this.#error ?? unexpectedEnd(code, this.#target)));
  }

  /** What `ws` finds wrong in what came has a code of its own; all else is the network's. */
  #failure(error: NodeJS.ErrnoException, target: Target): EgressError {
    if (error.code?.startsWith('WS_ERR_') !== true) return failureOf(error, target);
    const isTooLong = error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    const what = isTooLong
      ? `a message of more than ${this.#request.maxMessageBytes ?? MAX_MESSAGE_BYTES} bytes came; send it in pieces`
      : `what came is no WebSocket message (${error.message})`;
    return new EgressError('connection-lost', `${target.origin}: ${what}`);
  }

  #end(error: EgressError | null): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#request.onClosed(error);
  }
}

/** Close codes of an orderly end (RFC 6455 §7.4.1): done, going away, none given. */
const ORDERLY = new Set([1000, 1001, 1005]);

function unexpectedEnd(code: number, target: Target | null): EgressError | null {
  if (ORDERLY.has(code)) return null;
  const what = code === 1006 ? 'the connection broke' : `the far end closed it with code ${code}`;
  return new EgressError('connection-lost', `${target?.origin ?? 'WebSocket'}: ${what}`);
}
