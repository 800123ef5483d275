import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './bounded.ts';
import { callSeen } from './calls-seen.ts';
import type { TestContext } from './context.ts';
import { freePort } from './ports.ts';

/** One request as it came. */
export interface RecordedRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  bodyText: string;
  /** The body when it is JSON, else undefined. */
  json: unknown;
  atMs: number;
}

export type Answer =
  /** 200 with JSON; with `after` not before that has happened. */
  | { json: unknown; status?: number; delayMs?: number; after?: Promise<unknown> }
  /** 200 with this text as it is. */
  | { text: string; status?: number; contentType?: string; delayMs?: number }
  | { status: number }
  /** Never answers. */
  | { hang: true }
  /** Closes the connection without an answer. */
  | { reset: true }
  /** A JSON document of this many bytes. */
  | { bytes: number }
  /** 200 with these bytes, or 304 when the request names their ETag. */
  | { file: Uint8Array; contentType: string; etag?: string }
  | { redirect: string };

/** Gives the answer to the `index`-th request (from 0). */
export type AnswerScript = (request: RecordedRequest, index: number) => Answer;

/** A real HTTP server on 127.0.0.1 that records what it is asked and answers by a script. */
export class CallbackServer {
  readonly requests: RecordedRequest[] = [];
  readonly url: string;
  private readonly server: Server;
  private readonly script: AnswerScript;
  private isOver = false;

  private constructor(server: Server, port: number, script: AnswerScript) {
    this.server = server;
    this.url = `http://127.0.0.1:${port}`;
    this.script = script;
    server.on('request', (request, response) => {
      this.serve(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  /** `script` is one answer for all requests, a list (the last one repeats) or a function. */
  static async open(t: TestContext, script: Answer | Answer[] | AnswerScript): Promise<CallbackServer> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve());
    });
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no TCP address');
    const recorder = new CallbackServer(server, address.port, asScript(script));
    t.defer(() => recorder.leave());
    t.onFailure(() => `callbacks received:\n${recorder.requests.map(describe).join('\n')}`);
    return recorder;
  }

  /** Waits until `count` requests of this `type` (body or query field; all types when left out) have come. */
  async waitFor(count: number, options: { type?: string; timeoutMs?: number } = {}): Promise<RecordedRequest[]> {
    const { type, timeoutMs = 15_000 } = options;
    return until(
      `${count} ${type ?? ''} callback(s)`,
      () => {
        const matching = this.ofType(type);
        return matching.length >= count ? matching : undefined;
      },
      timeoutMs,
    );
  }

  /** The first request of a type. */
  async first(type: string, timeoutMs = 15_000): Promise<RecordedRequest> {
    const [request] = await this.waitFor(1, { type, timeoutMs });
    if (request === undefined) throw new Error(`no ${type} callback`);
    return request;
  }

  /** Requests so far whose `type` is this. */
  ofType(type: string | undefined): RecordedRequest[] {
    return this.requests.filter((request) => type === undefined || fieldsOf(request).type === type);
  }

  /**
   * The test is over. The port stays taken: what the server under test still has to tell, and tells for hours, is no
   * business of a later test that gets the same port.
   */
  private leave(): void {
    this.isOver = true;
    this.server.closeAllConnections();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (this.isOver) {
      response.end();
      return;
    }
    const bodyText = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '/', this.url);
    const recorded: RecordedRequest = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      bodyText,
      json: parsed(bodyText),
      atMs: Date.now(),
    };
    this.requests.push(recorded);
    callSeen(fieldsOf(recorded).call_id ?? fieldsOf(recorded).message_id);
    await give(this.script(recorded, this.requests.length - 1), recorded, response);
  }
}

/** The fields of a callback whether they came as JSON or as a query string (top level only). */
export function fieldsOf(request: RecordedRequest): Record<string, unknown> {
  if (request.json !== null && typeof request.json === 'object') return request.json as Record<string, unknown>;
  return Object.fromEntries(request.query);
}

/** A port of 127.0.0.1 on which nobody listens: connections are refused. */
export async function refusingUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}/refused`;
}

async function give(answer: Answer, request: RecordedRequest, response: ServerResponse): Promise<void> {
  if ('hang' in answer) return;
  if ('reset' in answer) {
    response.destroy();
    return;
  }
  if ('bytes' in answer) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(`{"actions":[{"type":"HANGUP"}],"comments":"${'x'.repeat(answer.bytes)}"}`);
    return;
  }
  if ('file' in answer) {
    const { file, contentType, etag } = answer;
    const headers = { 'content-type': contentType, ...(etag === undefined ? {} : { etag }) };
    const isHeld = etag !== undefined && request.headers['if-none-match'] === etag;
    response.writeHead(isHeld ? 304 : 200, headers);
    response.end(isHeld ? undefined : file);
    return;
  }
  if ('redirect' in answer) {
    response.writeHead(302, { location: answer.redirect });
    response.end();
    return;
  }
  if ('after' in answer) await answer.after;
  if ('delayMs' in answer && answer.delayMs !== undefined) await sleep(answer.delayMs);
  if ('json' in answer) {
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.json));
  } else if ('text' in answer) {
    response.writeHead(answer.status ?? 200, { 'content-type': answer.contentType ?? 'application/json' });
    response.end(answer.text);
  } else {
    response.writeHead(answer.status, { 'content-type': 'text/plain' });
    response.end('an answer with this status was asked for by the test');
  }
}

function asScript(script: Answer | Answer[] | AnswerScript): AnswerScript {
  if (typeof script === 'function') return script;
  const answers = Array.isArray(script) ? script : [script];
  return (_request, index) => {
    const answer = answers[Math.min(index, answers.length - 1)];
    if (answer === undefined) throw new Error('a callback server needs at least one answer');
    return answer;
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describe(request: RecordedRequest): string {
  const query = request.query.size > 0 ? `?${request.query.toString().slice(0, 300)}` : '';
  return `  ${request.method} ${request.path}${query} ${request.bodyText.slice(0, 600)}`;
}
