import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { documentFaults } from './testing/document-faults.ts';
import { callback, PATH, REQUESTS_PER_MINUTE, serveApi } from './testing/served-api.ts';

const tested = serveApi();
const { ask } = tested;

test('a client that offers HTTP/2 is answered, where WebSockets are served too', async () => {
  const upgrades: unknown[] = [];
  tested.api.server.on('upgrade', ({ headers }: IncomingMessage, socket: Duplex) => {
    upgrades.push(headers.upgrade);
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  await tested.api.listen({ host: '127.0.0.1', port: 0 });
  const { port } = tested.api.server.address() as AddressInfo;
  const statusOf = async (upgrade: string) => {
    const headers = { host: 'localhost', connection: 'Upgrade, HTTP2-Settings', upgrade };
    const asked = get({ host: '127.0.0.1', port, path: '/openapi.json', headers, agent: false });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  };
  expect([await statusOf('h2c'), await statusOf('websocket')]).toEqual([200, 400]);
  expect(upgrades).toEqual(['websocket']);
  tested.api.server.removeAllListeners('upgrade');
});

describe('every method', () => {
  test.each([
    ['no key', { 'x-api-key': '' }, 401],
    ['a wrong key', { 'x-api-key': 'vx_wrong' }, 401],
    ['a wrong host', { host: 'evil.example' }, 421],
    ['a host that begins like ours', { host: 'localhost.evil.example' }, 421],
  ])('%s: refused with what was wrong and how to mend it', async (_what, headers, status) => {
    const { status: answered, body } = await ask('GET', 'LiveCalls', undefined, headers);
    expect(answered).toBe(status);
    expect(body).toEqual({ status, message: expect.any(String), help: expect.any(String) });
  });

  test('the key does not pass in another place than its header', async () => {
    expect((await ask('GET', `LiveCalls?x-api-key=${tested.key}`, undefined, { 'x-api-key': '' })).status).toBe(401);
  });

  test.each(['POST', 'PUT', 'GET'])('%s of something that is not there: 404 as JSON', async (method) => {
    const { status, body } = await ask(method, 'Nothing');
    expect([status, body.help]).toEqual([404, expect.stringContaining('/reference')]);
  });

  test.each([
    ['JSON that is none', '{', 'application/json', 400],
    ['a form', 'a=1', 'application/x-www-form-urlencoded', 415],
    [
      'a poisoned prototype',
      '{"call":{"no":"1","caller_id_no":"2"},"session_data":{"__proto__":{"x":1}}}',
      'application/json',
      400,
    ],
    ['too much', JSON.stringify({ a: 'x'.repeat(20_000) }), 'application/json', 413],
  ])('%s is refused', async (_what, payload, contentType, status) => {
    const answer = await ask('POST', 'Dials/Connect', payload, { 'content-type': contentType });
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ status, message: expect.any(String), help: expect.any(String) });
  });

  test.each(['GET', 'DELETE'])('%s with an empty JSON body is taken', async (method) => {
    const answer = await ask(method, PATH, '', { 'content-type': 'application/json' });
    expect(answer.status).toBe(200);
  });

  test('unknown query parameters and body fields are left alone', async () => {
    expect((await ask('GET', 'PhoneNumbers/Available?state&x=1')).status).toBe(200);
    expect((await ask('PUT', PATH, { callback, something: 1 })).status).toBe(200);
  });
});

test('the OpenAPI document is sound and open to all', async () => {
  const { status, body } = await ask('GET', '/openapi.json', undefined, { 'x-api-key': '' });
  expect(status).toBe(200);
  expect(documentFaults(body)).toEqual([]);
  expect(JSON.stringify(body)).not.toContain('Default Response');
  expect(body.servers).toEqual([{ url: '/' }]);
  expect(JSON.stringify(body.webhooks)).toContain('sip_forwarded_for');
  expect(Object.keys(body.paths as object)).toContain('/v1/PhoneNumbers/{name}');
});

test('an unsound document is told from a sound one', () => {
  const operation = { responses: { 200: { description: 'x', content: { 'application/json': {} } } } };
  const schema = { type: 'object', properties: { a: { anyOf: [{ type: 'strng' }] }, b: { items: 3 } } };
  const body = { requestBody: { content: { 'application/json': { schema } } }, responses: operation.responses };
  const paths = { '/a/{x}': { get: operation }, '/a/{y}': { get: { responses: {} } }, '/b': { post: body } };
  expect(documentFaults({ openapi: '3.1.0', info: { title: 'x', version: '0' }, paths })).toEqual([
    'get /a/{x}: parameters  for the path /a/{x}',
    'get /a/{x}: 200 has no schema',
    '/a/{y} and /a/{x} are the same path',
    'get /a/{y}: parameters  for the path /a/{y}',
    'get /a/{y}: no responses',
    'post /b: 200 has no schema',
    'post /b: body.properties.a.anyOf.0: "strng" is no type',
    'post /b: body.properties.b.items is no schema',
  ]);
});

test('too many requests: 429, invalid ones count too', async () => {
  let answer = await ask('POST', 'Dials/Connect', {}, { 'x-api-key': tested.otherKey });
  for (let i = 0; i < REQUESTS_PER_MINUTE && answer.status === 400; i++) {
    answer = await ask('POST', 'Dials/Connect', {}, { 'x-api-key': tested.otherKey });
  }
  expect(answer.status).toBe(429);
  expect(answer.body).toEqual({
    status: 429,
    message: expect.any(String),
    help: expect.stringContaining('Retry-After'),
  });
});
