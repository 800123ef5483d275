import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { client, failure } from './testing/client.ts';
import { serve, serveTcp } from './testing/test-server.ts';

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
