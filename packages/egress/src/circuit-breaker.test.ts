import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { EgressError } from './index.ts';
import { client, failure } from './testing/client.ts';
import { serve, serveTcp } from './testing/test-server.ts';

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
