import { until } from './bounded.ts';
import { matches } from './check.ts';
import type { Server } from './server.ts';

export interface RestAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are checked field by field by the tests.
  body: any;
}

/** The REST API as a user's program calls it. */
export class Rest {
  private readonly base: string;
  private readonly key: string;

  constructor(server: Server, key = server.quickstart.api_key) {
    this.base = server.quickstart.http_url.replace(/\/$/, '');
    this.key = key;
  }

  get(path: string): Promise<RestAnswer> {
    return this.request('GET', path);
  }

  put(path: string, body: unknown): Promise<RestAnswer> {
    return this.request('PUT', path, body);
  }

  post(path: string, body: unknown): Promise<RestAnswer> {
    return this.request('POST', path, body);
  }

  /** The call's log row; it is written when the call is over, so it is asked for until it is there. */
  async callLog(callId: string, timeoutMs = 8_000): Promise<Record<string, unknown>> {
    return until(
      `the log row of call ${callId}`,
      async () => {
        const answer = await this.get(`/v1/History/Logs/Calls/${encodeURIComponent(callId)}`);
        if (answer.status === 404) return undefined;
        if (answer.status !== 200) throw new Error(`call log: ${answer.status} ${JSON.stringify(answer.body)}`);
        return answer.body as Record<string, unknown>;
      },
      timeoutMs,
      50,
    );
  }

  /** The callback-response loop and event log of one call as text, for looking for a fact in it. */
  async flowLogText(callId: string): Promise<string> {
    const answer = await this.get(`/v1/CallFlows/Logs/${encodeURIComponent(callId)}`);
    if (answer.status !== 200) throw new Error(`flow log: ${answer.status} ${JSON.stringify(answer.body)}`);
    return JSON.stringify(answer.body);
  }

  /** Rings a number: Make Call. Gives the call's id. */
  async makeCall(body: Record<string, unknown>): Promise<string> {
    const answer = await this.post('/v1/Dials/Connect', body);
    if (answer.status < 200 || answer.status > 299) {
      throw new Error(`Dials/Connect: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    matches(answer.body?.call?.id, /./, 'call.id of the answer');
    return answer.body.call.id as string;
  }

  private async request(method: string, path: string, body?: unknown): Promise<RestAnswer> {
    const response = await fetch(`${this.base}${path}`, {
      method,
      headers: { 'X-API-Key': this.key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(15_000),
    });
    const text = await response.text();
    try {
      return { status: response.status, body: JSON.parse(text) };
    } catch {
      throw new Error(`${method} ${path}: ${response.status} without a JSON body: ${text.slice(0, 200)}`);
    }
  }
}
