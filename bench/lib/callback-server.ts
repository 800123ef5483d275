import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Prompt, prompt2, prompt30, prompt30High, waveFile } from './prompt.ts';

/** The fields of a callback that the benchmarks look at. */
export interface Callback {
  type: 'init_call' | 'live_call' | 'end_call';
  call_id: string;
  caller_no: string;
  status: string;
  key_presses: { name: string | null; digits: string }[];
}

export type Action = { type: string; params?: Record<string, unknown>; actions?: Action[] };

/** Chooses what a call does. */
export type Script = (callback: Callback) => Action[];

const LAST_CALLBACKS_MS = 10_000;

/**
 * The user's web server: answers callbacks by a script and serves the prompts, as static files are served (with an
 * ETag). Runs in this program, thus on the core of the load.
 */
export class CallbackServer {
  /** The last callback of each call, by call id. */
  readonly ended = new Map<string, Callback>();
  /** When (ms since 1970) the first callback of each call was answered, by caller. */
  readonly answeredMs = new Map<string, number>();
  /** Callbacks of any kind after the first and before the last: scenarios expect none. */
  unexpected = 0;
  readonly #server: Server;
  #script: Script = () => [{ type: 'HANGUP' }];

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request, response) => this.#serve(request, response));
  }

  static async open(): Promise<CallbackServer> {
    const server = createServer({ keepAlive: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return new CallbackServer(server);
  }

  get callbackUrl(): string {
    return `${this.#origin}/callback`;
  }

  urlOf({ file }: Prompt): string {
    return `${this.#origin}/${file}`;
  }

  /** Forgets all calls so far; calls run by `script` from now on. */
  begin(script: Script): void {
    this.#script = script;
    this.ended.clear();
    this.answeredMs.clear();
    this.unexpected = 0;
  }

  /** Waits for the last callback of `calls` calls, for a while: the server retries those that are not taken for hours. */
  async allEnded(calls: number): Promise<void> {
    const deadlineMs = performance.now() + LAST_CALLBACKS_MS;
    while (this.ended.size < calls && performance.now() < deadlineMs) await sleep(10);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  get #origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    if (request.method === 'GET') {
      serveFile(request, response);
      return;
    }
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => response.destroy());
    request.on('end', () => this.#callback(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Callback, response));
  }

  #callback(callback: Callback, response: ServerResponse): void {
    const first = callback.type === 'init_call';
    if (callback.type === 'end_call') this.ended.set(callback.call_id, callback);
    else if (!first) this.unexpected++;
    const text = JSON.stringify(callback.type === 'end_call' ? {} : { actions: this.#script(callback) });
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    if (first) this.answeredMs.set(callback.caller_no, performance.timeOrigin + performance.now());
    response.end(text);
  }
}

const FILES = new Map(
  [prompt30, prompt30High, prompt2].map(({ file, samples }) => [
    `/${file}`,
    { etag: `"${file}"`, wave: waveFile(samples) },
  ]),
);

function serveFile(request: IncomingMessage, response: ServerResponse): void {
  const file = FILES.get(request.url ?? '');
  if (file === undefined) {
    response.writeHead(404, { 'content-length': 0 }).end();
  } else if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304, { etag: file.etag }).end();
  } else {
    response.writeHead(200, { 'content-type': 'audio/wav', 'content-length': file.wave.length, etag: file.etag });
    response.end(file.wave);
  }
}
