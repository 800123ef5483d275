import { createHmac, createSecretKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Attempt } from './egress-error.ts';
import { client, failure, text } from './testing/client.ts';
import { bodyOf, serve } from './testing/test-server.ts';

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
