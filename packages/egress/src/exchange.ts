import type { Dispatcher } from 'undici';
import { EgressError, type HttpMethod } from './egress-error.ts';
import { failureOf } from './failure.ts';
import type { Target } from './target.ts';

export interface ExchangeRequest {
  target: Target;
  method: HttpMethod;
  headers: Record<string, string>;
  body: string | Uint8Array | null;
  timeoutMs: number;
  maxResponseBytes: number;
}

export interface ExchangeResponse {
  status: number;
  /** Names in lower case; several of one name joined with a comma. */
  headers: Record<string, string>;
  body: Uint8Array;
}

/** One HTTP exchange, from the connection to the last byte, within one time limit. */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Settles once: the whole answer, or an EgressError. */
  readonly done: Promise<ExchangeResponse>;
  /** Bytes of the body received so far. */
  bytes = 0;
  private readonly request: ExchangeRequest;
  private readonly timer: NodeJS.Timeout;
  private readonly chunks: Buffer[] = [];
  private readonly settle: { resolve: (response: ExchangeResponse) => void; reject: (error: EgressError) => void };
  private controller: Dispatcher.DispatchController | null = null;
  private ended: EgressError | null = null;
  private status = 0;
  private headers: Record<string, string> = {};

  constructor(dispatcher: Dispatcher, request: ExchangeRequest) {
    this.request = request;
    const { promise, resolve, reject } = Promise.withResolvers<ExchangeResponse>();
    this.done = promise;
    this.settle = { resolve, reject };
    this.timer = setTimeout(() => this.fail(this.timeoutError()), request.timeoutMs);
    const { target, method, headers, body } = request;
    try {
      dispatcher.dispatch({ origin: target.origin, path: target.path, method, headers, body }, this);
    } catch (error) {
      this.fail(failureOf(error, target));
    }
  }

  /** Ends the exchange; nothing happens when it is over. */
  fail(error: EgressError): void {
    if (this.ended !== null) return;
    this.ended = error;
    clearTimeout(this.timer);
    this.settle.reject(error);
    // Still waiting for a connection, it is ended when it gets one.
    this.controller?.abort(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.ended !== null) controller.abort(this.ended);
  }

  onResponseStart(_controller: unknown, status: number, headers: Record<string, string | string[] | undefined>): void {
    // 103 and the like come before the answer.
    if (status < 200) return;
    this.status = status;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.headers[name] = Array.isArray(value) ? value.join(', ') : value;
    }
    const encoding = this.headers['content-encoding'] ?? 'identity';
    if (encoding !== 'identity') {
      this.fail(
        new EgressError(
          'bad-response',
          `${this.request.target.url} sent its answer compressed (${encoding}) though asked not to; switch compression off`,
        ),
      );
    }
    if (Number(this.headers['content-length'] ?? 0) > this.request.maxResponseBytes) this.fail(this.tooLarge());
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.request.maxResponseBytes) this.fail(this.tooLarge());
    else this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    clearTimeout(this.timer);
    const [first] = this.chunks;
    const body = this.chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.chunks, this.bytes);
    this.settle.resolve({ status: this.status, headers: this.headers, body });
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.fail(failureOf(error, this.request.target));
  }

  private timeoutError(): EgressError {
    const { target, timeoutMs } = this.request;
    if (this.controller === null) {
      return new EgressError('connect-timeout', `${target.origin}: no connection within ${Math.round(timeoutMs)} ms`);
    }
    const missing = this.status === 0 ? 'no answer' : 'the answer was not complete';
    return new EgressError('timeout', `${target.url}: ${missing} within ${Math.round(timeoutMs)} ms; answer faster`);
  }

  private tooLarge(): EgressError {
    const { target, maxResponseBytes } = this.request;
    return new EgressError('too-large', `${target.url} sent more than the ${maxResponseBytes} bytes allowed`);
  }
}
