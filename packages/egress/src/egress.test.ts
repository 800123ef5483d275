import { createHmac, createSecretKey } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Attempt, EgressErrorCode } from './egress-error.ts';
import { Egress, EgressError, type EgressOptions, type EgressRequest } from './index.ts';
import { bodyOf, serve, serveTcp } from './test-server.ts';

function client(options: EgressOptions = {}): Egress {
  const egress = new Egress({ allowPrivate: ['127.0.0.0/8'], retryDelays: { baseMs: 1, maxMs: 2_000 }, ...options });
  onTestFinished(() => egress.close());
  return egress;
}

async function failure(egress: Egress, request: EgressRequest): Promise<EgressError> {
  const outcome = await egress.request(request).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(EgressError);
  return outcome as EgressError;
}

const text = (body: Uint8Array): string => Buffer.from(body).toString();

describe('answers', () => {
  test('a POST arrives whole and its answer comes back', async () => {
    const origin = await serve(async (request, response) => {
      const body = await bodyOf(request);
      response.setHeader('X-Two', ['a', 'b']);
      response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }));
    });
    const attempts: Attempt[] = [];
    const response = await client({ userAgent: 'Test/1' }).request({
      method: 'POST',
      url: `${origin}/flow?a=1#part`,
      headers: { 'Content-Type': 'application/json' },
      body: '{"é":1}',
      onAttempt: (attempt) => attempts.push(attempt),
    });
    expect(response.status).toBe(200);
    expect(response.headers['x-two']).toBe('a, b');
    expect(response.url).toBe(`${origin}/flow?a=1`);
    expect(JSON.parse(text(response.body))).toMatchObject({
      method: 'POST',
      url: '/flow?a=1',
      body: '{"é":1}',
      headers: { 'content-type': 'application/json', 'user-agent': 'Test/1', 'accept-encoding': 'identity' },
    });
    expect(attempts).toEqual([
      {
        url: `${origin}/flow?a=1`,
        method: 'POST',
        startedAtMs: expect.any(Number),
        durationMs: expect.any(Number),
        status: 200,
        errorCode: null,
        errorText: null,
        bytes: response.body.length,
      },
    ]);
    expect(response.attempts).toEqual(attempts);
  });

  test('the query of a GET is appended to what the URL has', async () => {
    const origin = await serve((request, response) => response.end(request.url));
    const egress = client();
    const query = { 'key_presses[0][digits]': '1', b: 'é &' };
    expect(text((await egress.request({ method: 'GET', url: `${origin}/x?a=1`, query })).body)).toBe(
      '/x?a=1&key_presses%5B0%5D%5Bdigits%5D=1&b=%C3%A9+%26',
    );
    expect(text((await egress.request({ method: 'GET', url: origin, query: { b: '1' } })).body)).toBe('/?b=1');
  });

  test.each([200, 204, 304, 400, 404, 429])('%i resolves at the first try', async (status) => {
    const origin = await serve((_request, response) => response.writeHead(status).end());
    const response = await client().request({ method: 'GET', url: origin, headers: { 'If-None-Match': '"1"' } });
    expect(response).toMatchObject({ status, attempts: [{ status }] });
  });

  test('hints before the answer are no answer', async () => {
    const origin = await serve((_request, response) => {
      response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => response.writeHead(201).end('x'));
    });
    const response = await client().request({ method: 'GET', url: origin });
    expect([response.status, response.headers.link, text(response.body)]).toEqual([201, undefined, 'x']);
  });

  test('user name and password of a URL become Authorization and leave no trace', async () => {
    const origin = await serve((request, response) => response.end(request.headers.authorization));
    const url = origin.replace('http://', 'http://me:s%40cret@');
    const response = await client().request({ method: 'GET', url });
    expect(text(response.body)).toBe(`Basic ${Buffer.from('me:s@cret').toString('base64')}`);
    expect(JSON.stringify(response)).not.toContain('cret');
  });

  test('requests are signed that ask for it, when there is a key', async () => {
    const origin = await serve(async (request, response) => {
      const body = await bodyOf(request);
      const { 'x-voxology-timestamp': timestamp, 'x-voxology-signature': signature } = request.headers;
      const signed = `${timestamp}.POST.${origin}${request.url}.${body}`;
      const expected = `v1=${createHmac('sha256', 'secret').update(signed).digest('hex')}`;
      response.end(`${timestamp} ${signature === expected}`);
    });
    const signatureKey = createSecretKey(Buffer.from('secret'));
    const egress = client({ signatureKey, now: () => 1_700_000_000_999 });
    const response = await egress.request({ method: 'POST', url: `${origin}/a?b=c`, body: 'été', sign: true });
    expect(text(response.body)).toBe('1700000000 true');
    const unsigned = await egress.request({ method: 'POST', url: `${origin}/a?b=c`, body: 'été' });
    expect(text(unsigned.body)).toBe('undefined false');
  });

  test('connections are kept and used again', async () => {
    const ports = new Set<number | undefined>();
    const origin = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end();
    });
    const egress = client();
    for (let i = 0; i < 20; i++) await egress.request({ method: 'POST', url: origin, body: 'x' });
    // A second one, because the first is not free yet when its answer is given.
    expect(ports.size).toBeLessThanOrEqual(2);
  });
});

describe('retries', () => {
  test('500 is tried again, and the last answer is given', async () => {
    let asked = 0;
    const origin = await serve((_request, response) => {
      asked++;
      response.writeHead(500).end(`${asked}`);
    });
    const response = await client().request({ method: 'POST', url: origin });
    expect([response.status, text(response.body), asked]).toEqual([500, '3', 3]);
    expect(response.attempts.map(({ status }) => status)).toEqual([500, 500, 500]);
    await client().request({ method: 'POST', url: origin, retries: 0 });
    expect(asked).toBe(4);
  });

  test('a connection reset in the middle of the body, then success', async () => {
    let asked = 0;
    const origin = await serve((_request, response) => {
      asked++;
      if (asked === 1) {
        response.writeHead(200, { 'content-length': '100' }).write('half');
        setImmediate(() => response.socket?.resetAndDestroy());
      } else {
        response.end('whole');
      }
    });
    const response = await client().request({ method: 'POST', url: origin });
    expect(text(response.body)).toBe('whole');
    expect(response.attempts).toMatchObject([
      { status: null, errorCode: 'connection-lost' },
      { status: 200, errorCode: null, bytes: 5 },
    ]);
  });

  test('Retry-After is kept to, or there is no retry', async () => {
    const askedAtMs: number[] = [];
    let retryAfter = '1';
    const origin = await serve((_request, response) => {
      askedAtMs.push(performance.now());
      if (askedAtMs.length === 1) response.writeHead(429, { 'retry-after': retryAfter }).end();
      else response.end();
    });
    expect((await client().request({ method: 'GET', url: origin })).status).toBe(200);
    expect((askedAtMs[1] ?? 0) - (askedAtMs[0] ?? 0)).toBeGreaterThan(950);
    askedAtMs.length = 0;
    retryAfter = '3600';
    expect((await client().request({ method: 'GET', url: origin })).status).toBe(429);
  });

  test('nobody listens', async () => {
    const dead = await serve(() => {});
    const { port } = new URL(dead);
    const url = `http://127.0.0.2:${port}`;
    const error = await failure(client(), { method: 'GET', url });
    expect(error.code).toBe('connect-refused');
    expect(error.message).toContain(`${url}: nothing listens on that port`);
    expect(error.attempts.map(({ errorCode }) => errorCode)).toEqual(Array(3).fill('connect-refused'));
  });
});

describe('limits', () => {
  test('a server that hangs is given up in time', async () => {
    const origin = await serve(() => {});
    const startMs = performance.now();
    const error = await failure(client({ timeoutMs: 60 }), { method: 'POST', url: origin, retries: 1 });
    expect(error).toMatchObject({ code: 'timeout', message: expect.stringMatching(/no answer within (60|59) ms/) });
    expect(error.attempts).toHaveLength(2);
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  test('a body that drips is cut off', async () => {
    const origin = await serve((_request, response) => {
      const drip = setInterval(() => response.write('.'), 5);
      response.on('close', () => clearInterval(drip));
    });
    const error = await failure(client({ timeoutMs: 100, retries: 0 }), { method: 'GET', url: origin });
    expect(error).toMatchObject({ code: 'timeout', message: expect.stringContaining('was not complete') });
    expect(error.attempts[0]?.bytes).toBeGreaterThan(0);
  });

  test('headers that drip are cut off', async () => {
    const origin = await serveTcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('X-A: b\r\n'), 5);
      socket.on('close', () => clearInterval(drip));
    });
    expect((await failure(client({ timeoutMs: 100, retries: 0 }), { method: 'GET', url: origin })).code).toBe(
      'timeout',
    );
  });

  test('10 MB are refused, announced or not', async () => {
    const announced = await serve((_request, response) => response.end(Buffer.alloc(10_000_000)));
    const first = await failure(client(), { method: 'GET', url: announced });
    expect(first).toMatchObject({ code: 'too-large', message: expect.stringContaining('1048576 bytes') });
    expect(first.attempts).toHaveLength(1);
    expect(first.attempts[0]?.bytes).toBe(0);

    const chunked = await serve((_request, response) => {
      for (let i = 0; i < 100; i++) response.write(Buffer.alloc(100_000));
      response.end();
    });
    const second = await failure(client(), { method: 'GET', url: chunked });
    expect(second.code).toBe('too-large');
    expect(second.attempts[0]?.bytes).toBeLessThan(2_000_000);

    const whole = await client().request({ method: 'GET', url: chunked, maxResponseBytes: 10_000_000 });
    expect(whole.body.length).toBe(10_000_000);
  });

  test('a compressed answer is refused, never unpacked', async () => {
    const origin = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1_000_000)));
    });
    expect(await failure(client(), { method: 'GET', url: origin })).toMatchObject({
      code: 'bad-response',
      message: expect.stringContaining('compressed (gzip)'),
    });
  });

  test('what is not HTTP is named so', async () => {
    const origin = await serveTcp((socket) => socket.end('SSH-2.0-OpenSSH_9\r\n'));
    expect((await failure(client(), { method: 'GET', url: origin })).code).toBe('bad-response');
    const tls = origin.replace('http:', 'https:');
    expect((await failure(client({ retries: 0 }), { method: 'GET', url: tls })).code).toBe('tls');
  });

  test('requests beyond the connections of a host wait, within their time', async () => {
    let running = 0;
    let most = 0;
    const waiting: ServerResponse[] = [];
    const origin = await serve((_request, response) => {
      running++;
      most = Math.max(most, running);
      waiting.push(response);
      setImmediate(() => {
        running--;
        waiting.shift()?.end();
      });
    });
    const egress = client({ maxConnectionsPerHost: 2 });
    await Promise.all(Array.from({ length: 10 }, () => egress.request({ method: 'POST', url: origin })));
    expect(most).toBeLessThanOrEqual(2);

    const hung = await serve(() => {});
    const one = client({ maxConnectionsPerHost: 1, timeoutMs: 1000, retries: 0 });
    const errors = await Promise.all(['/a', '/b'].map((path) => failure(one, { method: 'POST', url: hung + path })));
    expect(errors.map(({ code }) => code)).toEqual(['timeout', 'connect-timeout']);
  });

  test('the caller can give up: at work, between tries and before', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const hung = await serve(() => resolve());
    const egress = client({ retryDelays: { baseMs: 60_000, maxMs: 60_000 } });
    const atWork = new AbortController();
    const first = failure(egress, { method: 'GET', url: hung, signal: atWork.signal });
    await asked;
    atWork.abort();
    expect(await first).toMatchObject({ code: 'aborted', attempts: [{ errorCode: 'aborted' }] });

    const broken = await serve((_request, response) => response.writeHead(500).end());
    const between = new AbortController();
    const onAttempt = (): void => void setImmediate(() => between.abort());
    const second = await failure(egress, { method: 'GET', url: broken, signal: between.signal, onAttempt });
    expect(second).toMatchObject({ code: 'aborted', attempts: [{ status: 500 }] });

    const before = await failure(egress, { method: 'GET', url: broken, signal: AbortSignal.abort() });
    expect(before).toMatchObject({ code: 'aborted', attempts: [] });
  });

  test('closing ends what is under way', async () => {
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const hung = await serve(() => resolve());
    const egress = client();
    const outcome = failure(egress, { method: 'GET', url: hung });
    await asked;
    await egress.close();
    expect((await outcome).code).toBe('closed');
    expect((await failure(egress, { method: 'GET', url: hung })).code).toBe('closed');
  });
});

describe('addresses', () => {
  test.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://0/',
    'http://169.254.169.254/latest/meta-data',
    'http://10.0.0.1/',
    'http://[fd00::1]/',
    'http://[64:ff9b::127.0.0.1]/',
    'http://localhost/',
  ])('%s is refused', async (url) => {
    const error = await failure(client({ allowPrivate: [] }), { method: 'GET', url });
    expect(error.code).toBe('address-refused');
    expect(error.message).toContain('allow the network in the server');
  });

  test.each<[string, EgressErrorCode]>([
    ['ftp://example.com/', 'scheme-not-allowed'],
    ['file:///etc/passwd', 'scheme-not-allowed'],
    ['javascript:alert(1)', 'scheme-not-allowed'],
    ['example.com/flow', 'invalid-request'],
    ['', 'invalid-request'],
    ['http://', 'invalid-request'],
    [`http://127.0.0.1/${'x'.repeat(40_000)}`, 'invalid-request'],
  ])('%.40s: %s', async (url, code) => {
    expect(await failure(client(), { method: 'GET', url })).toMatchObject({ code, attempts: [] });
  });

  test('headers that cannot be sent are named', async () => {
    const origin = await serve((_request, response) => response.end());
    const error = await failure(client(), { method: 'GET', url: origin, headers: { 'X-A': 'b\r\nX-C: d' } });
    expect(error.code).toBe('invalid-request');
  });

  test('a name is judged by its addresses, and connected to those judged', async () => {
    const origin = await serve((request, response) => response.end(request.headers.host));
    const { port } = new URL(origin);
    let resolved = 0;
    const resolve: EgressOptions['resolve'] = async (hostname) => {
      resolved++;
      if (hostname === 'none.example') throw Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
      if (hostname === 'inside.example') return [{ address: '10.0.0.1', family: 4 }];
      // Only the allowed one of the two may be connected to.
      return [
        { address: '10.0.0.1', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ];
    };
    const egress = client({ resolve });
    const url = `http://mixed.example:${port}/`;
    expect(text((await egress.request({ method: 'GET', url })).body)).toBe(`mixed.example:${port}`);
    expect(resolved).toBe(1);
    const inside = await failure(egress, { method: 'GET', url: `http://inside.example:${port}/` });
    expect(inside).toMatchObject({ code: 'address-refused', message: expect.stringContaining('10.0.0.1 (private)') });
    expect(inside.attempts).toHaveLength(1);
    const none = await failure(egress, { method: 'GET', url: `http://none.example:${port}/` });
    expect(none).toMatchObject({ code: 'dns-failed', attempts: { length: 3 } });
  });

  test('a name whose resolver never answers is given up in time', async () => {
    const egress = client({ resolve: () => new Promise(() => {}), timeoutMs: 50, retries: 0 });
    expect((await failure(egress, { method: 'GET', url: 'http://slow.example/' })).code).toBe('connect-timeout');
  });
});

describe('redirects', () => {
  test('are followed, each recorded, with the method of RFC 9110', async () => {
    const origin = await serve(async (request, response) => {
      const status = Number(request.url?.slice(1));
      if (status > 0) response.writeHead(status, { location: '/end' }).end();
      else response.end(`${request.method} ${await bodyOf(request)} ${request.headers['content-type']}`);
    });
    const egress = client();
    const after = async (status: number): Promise<string> => {
      const headers = { 'content-type': 'text/plain' };
      const response = await egress.request({ method: 'POST', url: `${origin}/${status}`, headers, body: 'b' });
      expect(response.url).toBe(`${origin}/end`);
      expect(response.attempts.map((attempt) => attempt.status)).toEqual([status, 200]);
      return text(response.body);
    };
    expect(await after(301)).toBe('POST b text/plain');
    expect(await after(302)).toBe('POST b text/plain');
    expect(await after(303)).toBe('GET  undefined');
    expect(await after(307)).toBe('POST b text/plain');
    expect(await after(308)).toBe('POST b text/plain');
  });

  test.each<[string, EgressErrorCode]>([
    ['http://10.0.0.1/', 'address-refused'],
    ['http://[::1]/', 'address-refused'],
    ['http://169.254.169.254/', 'address-refused'],
    ['file:///etc/passwd', 'scheme-not-allowed'],
    ['/again', 'too-many-redirects'],
  ])('to %s end with %s', async (location, code) => {
    const origin = await serve((_request, response) => response.writeHead(302, { location }).end());
    const error = await failure(client(), { method: 'GET', url: origin });
    expect(error.code).toBe(code);
    expect(error.attempts).toHaveLength(code === 'too-many-redirects' ? 4 : code === 'address-refused' ? 2 : 1);
  });

  test('Authorization and Cookie stay with their origin', async () => {
    const echo = await serve((request, response) => {
      const { authorization, cookie, 'x-other': other } = request.headers;
      response.end(JSON.stringify([authorization ?? null, cookie ?? null, other ?? null]));
    });
    const origin = await serve((request, response) => {
      if (request.url === '/same') response.writeHead(302, { location: '/away' }).end();
      else response.writeHead(302, { location: `${echo}/?${request.headers.authorization}` }).end();
    });
    const headers = { Authorization: 'Bearer 1', Cookie: 'a=1', 'X-Other': 'o' };
    const response = await client().request({ method: 'GET', url: `${origin}/same`, headers });
    expect(response.url).toBe(`${echo}/?Bearer%201`);
    expect(JSON.parse(text(response.body))).toEqual([null, null, 'o']);
  });

  test('are answers to who wants none followed', async () => {
    const origin = await serve((_request, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    const response = await client().request({ method: 'POST', url: origin, body: 'b', maxRedirects: 0 });
    expect([response.status, response.attempts.length]).toEqual([302, 1]);
  });

  test('share the time limit of one try', async () => {
    const origin = await serve((_request, response) => {
      setTimeout(() => response.writeHead(302, { location: '/' }).end(), 40);
    });
    const error = await failure(client({ timeoutMs: 100, maxRedirects: 50, retries: 0 }), {
      method: 'GET',
      url: origin,
    });
    expect(error.code).toBe('timeout');
    expect(error.attempts.length).toBeLessThan(5);
  });
});

describe('circuit breaker', () => {
  test('opens after failures in a row, lets one probe, and closes when it is answered', async () => {
    let nowMs = 1_000;
    let isUp = false;
    const held: ServerResponse[] = [];
    const origin = await serve((request, response) => {
      if (!isUp) request.socket.destroy();
      else held.push(response);
    });
    const egress = client({ circuitBreaker: { failures: 3, openMs: 5_000 }, retries: 0, now: () => nowMs });
    const ask = (): Promise<string> =>
      egress.request({ method: 'GET', url: origin }).then(
        ({ status }) => String(status),
        (error: EgressError) => error.code,
      );

    expect([await ask(), await ask(), await ask()]).toEqual(Array(3).fill('connection-lost'));
    expect(await ask()).toBe('circuit-open');
    nowMs += 5_000;
    expect(await ask()).toBe('connection-lost');
    expect(await ask()).toBe('circuit-open');

    nowMs += 5_000;
    isUp = true;
    const probe = ask();
    expect(await ask()).toBe('circuit-open');
    await expect.poll(() => held.length, { interval: 5 }).toBe(1);
    held.pop()?.end();
    expect(await probe).toBe('200');
    const next = ask();
    await expect.poll(() => held.length, { interval: 5 }).toBe(1);
    held.pop()?.end();
    expect(await next).toBe('200');
  });

  test('ends the retries of the request that opened it, with its own error', async () => {
    const origin = await serveTcp((socket) => socket.destroy());
    const egress = client({ circuitBreaker: { failures: 2, openMs: 60_000 }, retries: 9 });
    const error = await failure(egress, { method: 'GET', url: origin });
    expect(error).toMatchObject({ code: 'connection-lost', attempts: { length: 2 } });
    const other = await serve((_request, response) => response.end());
    expect((await egress.request({ method: 'GET', url: other })).status).toBe(200);
  });

  test('500 is an answer', async () => {
    const origin = await serve((_request, response) => response.writeHead(500).end());
    const egress = client({ circuitBreaker: { failures: 1, openMs: 60_000 } });
    expect((await egress.request({ method: 'GET', url: origin })).attempts).toHaveLength(3);
  });

  test('a probe given up by its caller leaves the way to another', async () => {
    let nowMs = 0;
    let isUp = false;
    const { promise: asked, resolve } = Promise.withResolvers<void>();
    const origin = await serve((request, response) => {
      if (!isUp) request.socket.destroy();
      else if (request.url === '/hang') resolve();
      else response.end();
    });
    const egress = client({ circuitBreaker: { failures: 1, openMs: 10 }, retries: 0, now: () => nowMs });
    await failure(egress, { method: 'GET', url: origin });
    nowMs = 20;
    isUp = true;
    const controller = new AbortController();
    const probe = failure(egress, { method: 'GET', url: `${origin}/hang`, signal: controller.signal });
    await asked;
    controller.abort();
    expect((await probe).code).toBe('aborted');
    expect((await egress.request({ method: 'GET', url: origin })).status).toBe(200);
  });
});

test.each([
  ['http://127.0.0.1:8080/flow', null],
  ['https://example.com/flow', null],
  ['http://10.0.0.1/flow', /10\.0\.0\.1 \(private\)/],
  ['http://[::ffff:192.168.0.1]/', /not a public address/],
  ['http://0x0a000001/', /not a public address/],
  ['ftp://example.com/', /use http/],
  ['no url', /is not a URL/],
])('whether %s can be requested is known beforehand', (url, reason) => {
  const refusal = client().refusal(url);
  if (reason === null) expect(refusal).toBeNull();
  else expect(refusal).toMatch(reason);
});
