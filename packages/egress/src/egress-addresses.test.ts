import { describe, expect, test } from 'vitest';
import type { EgressErrorCode } from './egress-error.ts';
import type { EgressOptions } from './index.ts';
import { client, failure, text } from './testing/client.ts';
import { serve } from './testing/test-server.ts';

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
