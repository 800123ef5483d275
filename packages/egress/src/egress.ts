import { isIP } from 'node:net';
import { Agent } from 'undici';
import { AddressGuard } from './address-guard.ts';
import { CircuitBreaker } from './circuit-breaker.ts';
import { guardedConnector, guardedLookup, hostOf, refusedAddress } from './connector.ts';
import { type Attempt, EgressError, type HttpMethod } from './egress-error.ts';
import { EgressSocket, type SocketRequest } from './egress-socket.ts';
import { Exchange, type ExchangeRequest, type ExchangeResponse } from './exchange.ts';
import { type EgressOptions, type FullEgressOptions, withDefaults } from './options.ts';
import { redirectOf } from './redirect.ts';
import { isRetriedError, isRetriedStatus, retryDelayMs } from './retry.ts';
import { Run } from './run.ts';
import { signatureHeaders } from './signature.ts';
import { parseTarget, type Target } from './target.ts';

export interface EgressRequest {
  method: HttpMethod;
  /** http or https. User name and password in it are sent as `Authorization: Basic`. */
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** Appended to the URL. */
  query?: URLSearchParams | Readonly<Record<string, string>>;
  timeoutMs?: number;
  retries?: number;
  maxResponseBytes?: number;
  /** Default: the client's. 0: a redirect is an answer like any other, for requests whose headers go to one place only. */
  maxRedirects?: number;
  /** Signed with the client's key, when it has one. Only for requests whose body is ours: a signature says that we speak. */
  sign?: boolean;
  signal?: AbortSignal;
  /** Told of each exchange as it ends. */
  onAttempt?: (attempt: Attempt) => void;
}

export interface EgressResponse extends ExchangeResponse {
  /** Where the answer came from, after redirects. */
  url: string;
  attempts: readonly Attempt[];
}

/** The one client for every URL that a user gives. */
export class Egress {
  private readonly agent: Agent;
  private readonly breaker: CircuitBreaker;
  private readonly guard: AddressGuard;
  private readonly runs = new Set<Run>();
  private readonly sockets = new Set<EgressSocket>();
  private readonly options: FullEgressOptions;

  /** @throws Error when `allowPrivate` holds something that is not a network. */
  constructor(options: EgressOptions = {}) {
    this.options = withDefaults(options);
    this.breaker = new CircuitBreaker(this.options.circuitBreaker, this.options.now);
    this.guard = new AddressGuard(this.options.allowPrivate);
    this.agent = new Agent({
      connect: guardedConnector(this.guard, this.options.resolve, this.options.connectTimeoutMs),
      connections: this.options.maxConnectionsPerHost,
      allowH2: false,
      // An exchange has one time limit of its own for everything.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /**
   * Sends a request and gives the last answer, whatever its HTTP status. Errors of the network, 5xx, and 429 with
   * `Retry-After` are tried again. Redirects are followed (a POST becomes a GET after 301, 302 and 303), each checked like
   * the first URL; `Authorization` and `Cookie` stay with the origin they were given for.
   * @throws EgressError (as rejection), and nothing else.
   */
  async request(request: EgressRequest): Promise<EgressResponse> {
    const run = new Run();
    const onAbort = (): void => run.cancel(new EgressError('aborted', 'the request was given up by its caller'));
    this.runs.add(run);
    request.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      if (request.signal?.aborted === true) onAbort();
      return await this.tryUntilAnswered(request, run);
    } catch (error) {
      if (error instanceof EgressError) throw new EgressError(error.code, error.message, run.attempts);
      throw error;
    } finally {
      request.signal?.removeEventListener('abort', onAbort);
      this.runs.delete(run);
    }
  }

  /**
   * Why a URL can never be requested, for people: it is none, its scheme is not fetched, or it names an address that may not
   * be connected to. Null when it may be tried; where a host name leads is seen only then.
   */
  refusal(url: string): string | null {
    try {
      const host = hostOf(parseTarget(url, null).hostname);
      const range = isIP(host) === 0 ? null : this.guard.refusal(host);
      return range === null ? null : refusedAddress(host, `${host} (${range})`).message;
    } catch (error) {
      if (error instanceof EgressError) return error.message;
      throw error;
    }
  }

  /** Opens a WebSocket; what comes of it is told to the request's functions. Not tried again. */
  openSocket(request: SocketRequest): EgressSocket {
    const { resolve, connectTimeoutMs: openTimeoutMs, userAgent } = this.options;
    const socket = new EgressSocket(
      {
        ...request,
        onClosed: (error) => {
          this.sockets.delete(socket);
          request.onClosed(error);
        },
      },
      { guard: this.guard, lookup: guardedLookup(this.guard, resolve), openTimeoutMs, userAgent },
    );
    this.sockets.add(socket);
    return socket;
  }

  /** Ends what is under way with `closed` and closes all connections. */
  async close(): Promise<void> {
    for (const run of this.runs) run.cancel(new EgressError('closed', 'the client was closed'));
    for (const socket of this.sockets) socket.close();
    await this.agent.destroy();
  }

  private async tryUntilAnswered(request: EgressRequest, run: Run): Promise<EgressResponse> {
    const query = request.query === undefined ? null : new URLSearchParams(request.query);
    const target = parseTarget(request.url, query);
    const retries = request.retries ?? this.options.retries;
    for (let retry = 1; ; retry++) {
      let response: EgressResponse | null = null;
      let failure: EgressError | null = null;
      try {
        response = await this.follow(request, run, target);
        if (!isRetriedStatus(response.status, response.headers['retry-after'])) return response;
      } catch (error) {
        if (!(error instanceof EgressError) || !isRetriedError(error.code)) throw error;
        failure = error;
      }
      const { now, random, retryDelays } = this.options;
      const delayMs =
        retry > retries ? null : retryDelayMs(retry, response?.headers['retry-after'], retryDelays, now(), random);
      if (delayMs !== null) await run.wait(delayMs);
      // The failure itself says more than that the breaker is open because of it.
      if (delayMs === null || this.breaker.isOpen(target.origin)) {
        if (response !== null) return response;
        if (failure !== null) throw failure;
      }
    }
  }

  /** One try: the exchange and those its redirects lead to, within one time limit. */
  private async follow(request: EgressRequest, run: Run, first: Target): Promise<EgressResponse> {
    const { maxRedirects = this.options.maxRedirects } = request;
    const deadlineMs = performance.now() + (request.timeoutMs ?? this.options.timeoutMs);
    let { method } = request;
    let target = first;
    let headers = this.headersOf(request, first);
    for (let redirects = 0; ; redirects++) {
      const response = await this.exchange(request, run, {
        target,
        method,
        headers,
        body: bodyOf(request, method),
        timeoutMs: Math.max(1, deadlineMs - performance.now()),
        maxResponseBytes: request.maxResponseBytes ?? this.options.maxResponseBytes,
      });
      const redirect = maxRedirects === 0 ? null : redirectOf(response, method);
      if (redirect === null) return { ...response, url: target.url, attempts: run.attempts };
      if (redirects >= maxRedirects) {
        throw new EgressError('too-many-redirects', `${first.url} redirects more than ${maxRedirects} times`);
      }
      const next = parseTarget(redirect.location, null, target.url);
      if (redirect.method !== method) headers = without(headers, ['content-type']);
      if (next.origin !== target.origin) headers = without(headers, ['authorization', 'cookie']);
      if (next.authorization !== null) headers = { ...headers, authorization: next.authorization };
      method = redirect.method;
      target = next;
    }
  }

  private headersOf(request: EgressRequest, target: Target): Record<string, string> {
    const headers: Record<string, string> = { 'user-agent': this.options.userAgent, 'accept-encoding': 'identity' };
    if (target.authorization !== null) headers.authorization = target.authorization;
    for (const [name, value] of Object.entries(request.headers ?? {})) headers[name.toLowerCase()] = value;
    return headers;
  }

  /** One exchange, guarded, signed when that is asked for, timed and recorded. */
  private async exchange(request: EgressRequest, run: Run, plan: ExchangeRequest): Promise<ExchangeResponse> {
    const { target, method } = plan;
    run.throwIfCancelled();
    const openMs = this.breaker.remainingMs(target.origin);
    if (openMs > 0) {
      const seconds = Math.ceil(openMs / 1000);
      throw new EgressError(
        'circuit-open',
        `${target.origin} did not answer of late; it is tried again in ${seconds} s`,
      );
    }
    const startedAtMs = this.options.now();
    const attempt: Attempt = {
      url: target.url,
      method,
      startedAtMs,
      durationMs: 0,
      status: null,
      errorCode: null,
      errorText: null,
      bytes: 0,
    };
    const headers = request.sign === true ? this.signed(plan, startedAtMs) : plan.headers;
    const exchange = new Exchange(this.agent, { ...plan, headers });
    try {
      const response = await run.during(exchange.done, (error) => exchange.fail(error));
      attempt.status = response.status;
      this.breaker.answered(target.origin);
      return response;
    } catch (error) {
      const failure = error as EgressError;
      attempt.errorCode = failure.code;
      attempt.errorText = failure.message;
      this.judge(failure, target.origin);
      throw failure;
    } finally {
      attempt.durationMs = this.options.now() - startedAtMs;
      attempt.bytes = exchange.bytes;
      run.attempts.push(attempt);
      request.onAttempt?.(attempt);
    }
  }

  private signed({ target, method, headers, body }: ExchangeRequest, atMs: number): Record<string, string> {
    const { signatureKey } = this.options;
    if (signatureKey === undefined) return headers;
    return { ...headers, ...signatureHeaders(signatureKey, atMs, method, target.url, body ?? '') };
  }

  private judge(failure: EgressError, origin: string): void {
    if (isRetriedError(failure.code) || failure.code === 'tls') this.breaker.failed(origin);
    else if (failure.code === 'too-large' || failure.code === 'bad-response') this.breaker.answered(origin);
    else this.breaker.undecided(origin);
  }
}

function without(headers: Record<string, string>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}

/** A redirect to GET leaves the body behind. */
function bodyOf({ body }: EgressRequest, method: HttpMethod): string | Uint8Array | null {
  if (method === 'GET') return null;
  return body ?? (method === 'DELETE' ? null : '');
}
