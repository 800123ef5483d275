import { describe, expect, test } from 'vitest';
import type { EgressErrorCode } from './egress-error.ts';
import { client, failure, text } from './testing/client.ts';
import { bodyOf, serve } from './testing/test-server.ts';

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
