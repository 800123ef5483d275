import { once } from 'node:events';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { openStore, type Store } from '@voxology/store';
import {
  DestinationRefused,
  DialRefused,
  type DialRequest,
  type LiveCall,
  type LiveCommand,
  MessageNotSent,
  type MessageRequest,
  type Receipt,
  type ReceivedMessage,
} from '@voxology/telephony';
import type { FastifyBaseLogger, FastifyInstance, InjectOptions } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApi } from './api.ts';
import { documentFaults } from './testing/document-faults.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const NO = '+14155550100';
const FREE = '+14155550101';
const REQUESTS_PER_MINUTE = 500;

const nothing = () => undefined;
const silent: FastifyBaseLogger = {
  level: 'silent',
  fatal: nothing,
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  trace: nothing,
  silent: nothing,
  child: () => silent,
};

let dataDir: string;
let store: Store;
let api: FastifyInstance;
let key: string;
let otherKey: string;
let appId: string;
let otherAppId: string;

let dialled: DialRequest[];
let refusal: Error | null;
let messages: MessageRequest[];
let received: ReceivedMessage[];
let receipt: Receipt;
let live: LiveCall[];
let commands: LiveCommand[];

const facts = (no: string) => ({
  no,
  formatted: no,
  sandbox: true,
  country: 'US',
  region: 'CA',
  city: 'San Francisco',
  rateCenter: 'SAN FRANCISCO',
  timezone: 'America/Los_Angeles',
  npa: no.slice(2, 5),
  capabilities: ['voice', 'voice_inbound', 'voice_outbound'],
});

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'voxology-api-'));
  store = await openStore({ dataDir });
  appId = (await store.applications.create({ name: 'One', sipDomain: 'one.example' })).appId;
  otherAppId = (await store.applications.create({ name: 'Two', sipDomain: 'two.example' })).appId;
  key = (await store.apiKeys.create(appId)).key;
  otherKey = (await store.apiKeys.create(otherAppId)).key;
  await store.numbers.addInventory([NO, FREE, '+18005550100'].map(facts));
  await store.numbers.provision(appId, 'CallFlows', NO);
  api = await createApi(
    {
      store,
      defaultCountry: 'US',
      recordingsDir: join(dataDir, 'recordings'),
      urlRefusal: (url) => (url.includes('10.0.0.1') ? '10.0.0.1 is refused' : null),
      telephony: {
        dialler: {
          dial: async (request) => {
            if (refusal !== null) throw refusal;
            dialled.push(request);
            return { callId: 'c@1' };
          },
        },
        messages: {
          send: async (request) => {
            if (refusal !== null && request.to !== NO) throw refusal;
            messages.push(request);
            return { from: request.from, to: request.to };
          },
        },
        inbox: {
          receive: async (message) => {
            received.push(message);
            return receipt;
          },
        },
        switchboard: {
          live: (id) => live.filter((call) => call.appId === id),
          command: (id, callId, command) => {
            const isThere = live.some((call) => call.appId === id && call.callId === callId);
            if (isThere) commands.push(command);
            return isThere;
          },
        },
      },
    },
    {
      log: silent,
      allowedHosts: new Set(['localhost']),
      requestsPerMinute: REQUESTS_PER_MINUTE,
      messageProvider: { name: 'X-Provider', value: 'secret-of-the-provider' },
      maxBodyBytes: 10_000,
      version: '0',
    },
  );
  await api.ready();
});
afterAll(async () => {
  await api.close();
  await store.close();
  await rm(dataDir, { recursive: true, force: true });
});
beforeEach(() => {
  [dialled, refusal, live, commands, messages, received] = [[], null, [], [], [], []];
  receipt = { kind: 'taken', messageId: 'm1' };
});

async function ask(method: string, url: string, payload?: unknown, headers: Record<string, string> = {}) {
  const response = await api.inject({
    method,
    url: url.startsWith('/') ? url : `/v1/${url}`,
    headers: { host: 'localhost:8080', 'x-api-key': key, ...headers },
    ...(payload === undefined ? {} : { payload }),
  } as InjectOptions);
  return { status: response.statusCode, body: response.json() as Record<string, unknown> & { phone_numbers: never[] } };
}

const callback = { url: 'https://example.com/flow', method: 'GET' };
const PATH = `CallFlows/Configurations/PhoneNumbers/${NO}`;

test('a client that offers HTTP/2 is answered, where WebSockets are served too', async () => {
  const upgrades: unknown[] = [];
  api.server.on('upgrade', ({ headers }: IncomingMessage, socket: Duplex) => {
    upgrades.push(headers.upgrade);
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  await api.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.server.address() as AddressInfo;
  const statusOf = async (upgrade: string) => {
    const headers = { host: 'localhost', connection: 'Upgrade, HTTP2-Settings', upgrade };
    const asked = get({ host: '127.0.0.1', port, path: '/openapi.json', headers, agent: false });
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  };
  expect([await statusOf('h2c'), await statusOf('websocket')]).toEqual([200, 400]);
  expect(upgrades).toEqual(['websocket']);
  api.server.removeAllListeners('upgrade');
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
    expect((await ask('GET', `LiveCalls?x-api-key=${key}`, undefined, { 'x-api-key': '' })).status).toBe(401);
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

describe('Make Call', () => {
  const call = { no: '+12125550199', caller_id_no: NO };

  test('starts a call', async () => {
    const { status, body } = await ask('POST', 'Dials/Connect', { call, session_data: { a: [1] }, timeout: 20 });
    expect(status).toBe(200);
    expect(body).toEqual({ call: { id: 'c@1', ...call }, call_id: 'c@1', inbound_api: 'CallFlows' });
    expect(dialled).toEqual([
      {
        appId,
        no: call.no,
        callerIdNo: NO,
        sessionData: { a: [1] },
        ringTimeoutMs: 20_000,
        maxCallTimeMs: null,
      },
    ]);
  });

  test('takes numbers as JSON numbers', async () => {
    await ask('POST', 'Dials/Connect', { call: { no: 12125550199, caller_id_no: 14155550100 } });
    expect(dialled[0]).toMatchObject({ no: '12125550199', callerIdNo: '14155550100', ringTimeoutMs: null });
  });

  test.each([
    [{}, "body must have required properties call|body must have required property 'call'"],
    [{ call: { no: '+1' } }, 'body.call must have required propert(y|ies) .*caller_id_no'],
    [{ call: { ...call, no: {} } }, 'body.call.no must be string'],
    [{ call, timeout: 0 }, 'body.timeout must be >= 1'],
    [{ call, session_data: 'x' }, 'body.session_data must be object'],
  ])('names the field: %j', async (payload, message) => {
    const { status, body } = await ask('POST', 'Dials/Connect', payload);
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
    expect(dialled).toEqual([]);
  });

  test.each([
    [new DestinationRefused('emergency'), 400],
    [new DialRefused('caller-id', 'not yours'), 400],
    [new DialRefused('rate', 'too fast'), 429],
    [new DialRefused('busy', 'no line'), 503],
    [new Error('a defect'), 500],
  ])('%s: %i', async (error, expected) => {
    refusal = error;
    const { status, body } = await ask('POST', 'Dials/Connect', { call });
    expect(status).toBe(expected);
    expect(body.message === error.message).toBe(expected !== 500);
  });
});

describe('messages', () => {
  const sms = { call: { no: '+12125550199', caller_id_no: NO }, message: 'Hello' };
  const message = { api_no: NO, caller_no: '+12125550199', text_message: 'Hello' };

  test('Send SMS', async () => {
    const { status, body } = await ask('POST', 'Dials/SMS', sms);
    expect(status).toBe(200);
    expect(body).toEqual({ call: sms.call, status: 'sent' });
    expect(messages).toEqual([{ appId, from: NO, to: '+12125550199', text: 'Hello', mediaUrls: [] }]);
  });

  test('one message, with a picture', async () => {
    const media = ['https://example.com/cat.png'];
    const { body } = await ask('POST', 'Messages', { ...message, caller_no: 12125550199, media_urls: media });
    expect(body).toEqual({ api_no: NO, messages: [{ caller_no: '12125550199', status: 'sent', error: null }] });
    expect(messages).toEqual([{ appId, from: NO, to: '12125550199', text: 'Hello', mediaUrls: media }]);
  });

  test('to somebody who has opted out: the status tells, and it is no error', async () => {
    refusal = new MessageNotSent('opt-out', 'opt-out: because');
    expect(await ask('POST', 'Messages', message)).toMatchObject({
      status: 200,
      body: { messages: [{ status: 'opt-out', error: 'opt-out: because' }] },
    });
    expect((await ask('POST', 'Dials/SMS', sms)).body).toEqual({ call: sms.call, status: 'opt-out' });
  });

  test('of several each succeeds or fails on its own', async () => {
    refusal = new MessageNotSent('not-taken', 'the phone does not answer');
    const { status, body } = await ask('POST', 'Messages', { ...message, caller_no: [NO, 'alice'] });
    expect([status, body.messages]).toEqual([
      200,
      [
        { caller_no: NO, status: 'sent', error: null },
        { caller_no: 'alice', status: 'failed', error: 'the phone does not answer' },
      ],
    ]);
  });

  test.each([
    ['sender', 400, 'api_no', 'call.caller_id_no'],
    ['recipient', 400, 'caller_no', 'call.no'],
    ['rate', 429, 'later', 'later'],
    ['no-provider', 501, 'messages', 'messages'],
    ['not-taken', 502, 'again', 'again'],
  ] as const)('what cannot be sent: %s: %i', async (kind, status, ...helps) => {
    refusal = new MessageNotSent(kind, 'because');
    for (const [index, [path, payload]] of (
      [
        ['Messages', message],
        ['Dials/SMS', sms],
      ] as const
    ).entries()) {
      const answer = await ask('POST', path, payload);
      const help = expect.stringContaining(String(helps[index]));
      expect([answer.status, answer.body]).toEqual([status, { status, message: 'because', help }]);
    }
  });

  test.each([
    ['Dials/SMS', { ...sms, message: '' }],
    ['Dials/SMS', { message: 'Hello' }],
    ['Messages', { ...message, media_urls: ['file:///etc/passwd'] }],
    ['Messages', { ...message, caller_no: [] }],
    ['Messages', { ...message, text_message: 'a'.repeat(5001) }],
  ])('%s with a body that is none: 400', async (path, payload) => {
    expect((await ask('POST', path, payload)).status).toBe(400);
    expect(messages).toEqual([]);
  });
});

describe('phone numbers', () => {
  test.each([`PhoneNumbers/${NO}`, 'PhoneNumbers/%2B14155550100', 'PhoneNumbers/14155550100'])(
    'GET %s',
    async (url) => {
      const { status, body } = await ask('GET', url);
      expect(status).toBe(200);
      expect(body).toMatchObject({ no: NO, inbound_api: 'CallFlows', app_id: appId, capabilities: expect.any(Array) });
    },
  );

  test("another application's number is not there", async () => {
    for (const [method, url] of [
      ['GET', `PhoneNumbers/${NO}`],
      ['GET', PATH],
      ['DELETE', PATH],
    ] as const) {
      expect((await ask(method, url, undefined, { 'x-api-key': otherKey })).status).toBe(404);
    }
    expect((await ask('PUT', PATH, { callback }, { 'x-api-key': otherKey })).status).toBe(404);
    expect(
      (await ask('GET', 'PhoneNumbers/CallFlows', undefined, { 'x-api-key': otherKey })).body.phone_numbers,
    ).toEqual([]);
  });

  test('what is neither a number nor an API is named', async () => {
    expect((await ask('GET', 'PhoneNumbers/Foo')).status).toBe(404);
    expect((await ask('GET', 'PhoneNumbers/12')).status).toBe(404);
    const { status, body } = await ask('POST', 'PhoneNumbers/Foo', { phone_numbers: [{ no: FREE }] });
    expect([status, body.message]).toEqual([400, 'params.name must be one of "CallFlows", "ParkingLot"']);
  });

  test('are found, and one that is for sale is never active in the future', async () => {
    const { body } = await ask('GET', 'PhoneNumbers/Available?search_by=area-code&search_on=415');
    expect(body.phone_numbers).toMatchObject([{ no: FREE, formatted: FREE }]);
    const [{ estimated_active_date: date }] = body.phone_numbers as unknown as [{ estimated_active_date: string }];
    expect(Date.parse(date)).toBeLessThan(Date.now() + 1);
    const free = await ask('GET', 'PhoneNumbers/Available?search_by=toll-free');
    expect(free.body.phone_numbers).toMatchObject([{ no: '+18005550100' }]);
  });

  test.each([
    ['search_by=area-code', /needs search_on/],
    ['search_by=x&search_on=1', /querystring.search_by must be one of "rate-center"/],
    ['max_results=0', /querystring.max_results must be >= 1/],
    ['search_by=region&search_on=%00', /querystring.search_on/],
  ])('a search by ?%s is refused', async (query, message) => {
    const { status, body } = await ask('GET', `PhoneNumbers/Available?${query}`);
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
  });

  test('each one provisioned succeeds or fails on its own', async () => {
    const numbers = [NO, FREE, '+19995550000', 'x'].map((no) => ({ no }));
    const { status, body } = await ask('POST', 'PhoneNumbers/CallFlows', { phone_numbers: numbers });
    expect(status).toBe(200);
    expect((body.phone_numbers as { status: string }[]).map((number) => number.status)).toEqual([
      'success',
      'success',
      'error',
      'error',
    ]);
    const other = await ask(
      'POST',
      'PhoneNumbers/CallFlows',
      { phone_numbers: [{ no: FREE }] },
      { 'x-api-key': otherKey },
    );
    expect(other.body.phone_numbers).toMatchObject([{ status: 'error', message: expect.stringContaining('another') }]);
  });
});

describe('messages that came in', () => {
  const handedIn = { id: 'p1', from: '(310) 555-0142', to: NO, text: 'Grüße' };
  const secret = { 'x-provider': 'secret-of-the-provider', 'x-api-key': '' };
  const handIn = (body: object, headers: Record<string, string> = secret) =>
    ask('POST', 'Messages/Inbound', body, headers);

  test('are handed in by the provider', async () => {
    const media_urls = ['https://example.com/a.png'];
    expect(await handIn({ ...handedIn, media_urls })).toEqual({
      status: 200,
      body: { message_id: 'm1', status: 'received' },
    });
    const common = { to: [NO], text: 'Grüße', origin: 'http', sipForwardedFor: '' };
    expect(received).toEqual([{ ...common, from: '+13105550142', mediaUrls: media_urls, externalId: 'p1' }]);
    await handIn({ ...handedIn, from: 'BANK', to: 'nobody' });
    expect(received[1]).toEqual({ ...common, to: [], from: 'BANK', mediaUrls: [], externalId: 'p1' });
  });

  test('by nobody else', async () => {
    for (const headers of [{}, { 'x-provider': 'wrong' }, { 'x-provider': '' }, { 'x-api-key': key }]) {
      const { status, body } = await handIn(handedIn, headers);
      expect([status, body.message]).toEqual([401, expect.stringContaining('X-Provider')]);
    }
    expect(received).toEqual([]);
  });

  test.each([
    ['unknown-number', 404],
    ['no-callback', 404],
    ['too-long', 400],
    ['rate', 429],
    ['busy', 503],
    ['shutting-down', 503],
  ] as const)('refused as %s: %i', async (why, status) => {
    receipt = { kind: 'refused', why, message: 'why' };
    expect((await handIn(handedIn)).status).toBe(status);
  });

  test.each([{ id: '' }, { id: undefined }, { text: undefined }, { from: '' }, { media_urls: ['javascript:x'] }])(
    '%j is refused',
    async (fault) => {
      expect((await handIn({ ...handedIn, ...fault })).status).toBe(400);
    },
  );

  test('are in the history with their log, for their own application only', async () => {
    const facts = { appId, callerNo: '+13105550142', apiNo: NO, mediaUrls: [], startTimeMs: 1_700_000_000_000 };
    await store.messages.receive(
      { ...facts, messageId: 'in', textMessage: 'STOP', origin: 'sip', keyword: 'STOP', externalId: null },
      'withdrawn',
    );
    await store.messages.add({
      ...facts,
      messageId: 'out',
      textMessage: 'Bye',
      startTimeMs: 1_700_000_001_000,
      origin: 'flow',
      status: 'opt-out',
      error: 'opt-out: why',
      callId: 'in',
      endTimeMs: 1_700_000_001_000,
    });
    store.events.append('in', [
      { seq: 1, at: 1, kind: 'effect', type: 'request_message_callback', data: { requestId: 'r1', target: callback } },
      { seq: 2, at: 2, kind: 'input', type: 'callback_answered', data: { requestId: 'r1', httpStatus: 200 } },
    ]);
    const list = await ask('GET', 'History/Logs/Messages?begin_date=2023-11-14T00:00:00Z');
    expect(list.body).toMatchObject({
      is_truncated: false,
      logs: [
        { message_id: 'out', direction: 'outbound', status: 'opt-out', error: 'opt-out: why', call_id: 'in' },
        {
          message_id: 'in',
          direction: 'inbound',
          status: 'received',
          end_time: null,
          text_message: 'STOP',
          keyword_detected: 'STOP',
          origin: 'sip',
          service: 'programmable_messaging',
        },
      ],
    });
    const inbound = await ask('GET', 'History/Logs/Messages?begin_date=2023-11-14T00:00:00Z&direction=inbound');
    expect(inbound.body.logs).toHaveLength(1);
    expect((await ask('GET', 'History/Logs/Messages/in')).body).toMatchObject({ message_id: 'in' });
    expect((await ask('GET', 'CallFlows/Logs/in')).body).toMatchObject({
      status: null,
      end_callback: 'none',
      callbacks: [{ request_id: 'r1', response: { http_status: 200 } }],
    });
    await store.messages.finish('in', { status: 'completed', error: null, endTimeMs: 1_700_000_002_000 });
    expect((await ask('GET', 'CallFlows/Logs/in')).body).toMatchObject({ status: 'completed' });
    for (const path of ['History/Logs/Messages/in', 'CallFlows/Logs/in']) {
      expect((await ask('GET', path, undefined, { 'x-api-key': otherKey })).status).toBe(404);
    }
    expect((await ask('GET', 'CallFlows/Logs/out')).status).toBe(404);
  });
});

describe('a configuration', () => {
  test('is set, read and taken away', async () => {
    const custom_data = { tenant: 7, nested: { deep: [null, true] } };
    const put = await ask('PUT', PATH, { callback, custom_data, answer_on_ring: 1 });
    const expected = {
      no: NO,
      inherited: false,
      callback: { ...callback, content_type: 'application/json' },
      callback_failover: null,
      answer_on_ring: 1,
      custom_data,
    };
    expect(put).toEqual({ status: 200, body: expected });
    expect(await ask('GET', PATH)).toEqual(put);
    expect((await ask('DELETE', PATH)).body).toMatchObject({ inherited: true, callback: null });
  });

  test.each(['application/json; charset=utf-8', 'text/xml', 'application/x-www-form-urlencoded'])(
    'sends %s when asked to',
    async (content_type) => {
      const { body } = await ask('PUT', PATH, { callback: { ...callback, content_type } });
      expect(body.callback).toMatchObject({ content_type });
    },
  );

  test('a key that would change the prototype is named', async () => {
    const headers = { 'content-type': 'application/json' };
    const { status, body } = await ask('PUT', PATH, '{"callback":null,"custom_data":{"__proto__":1}}', headers);
    expect([status, body.message]).toEqual([400, expect.stringContaining('`__proto__`')]);
  });

  test.each([
    [{}, /body must have required propert/],
    [{ callback: { url: 'ftp://x/y' } }, /body.callback.url/],
    [{ callback: { url: 'https://x/', method: 'PUT' } }, /body.callback.method must be one of "GET", "POST"/],
    [{ callback, answer_on_ring: 2 }, /body.answer_on_ring/],
    [{ callback: 'https://x/' }, /body.callback must be object/],
    [{ callback: { ...callback, content_type: 'text/csv' } }, /body.callback.content_type "text\/csv" is not/],
    [{ callback, callback_failover: { url: 'http://10.0.0.1/' } }, /body.callback_failover.url: 10.0.0.1 is refused/],
  ])('%j is refused', async (payload, message) => {
    const { status, body } = await ask('PUT', PATH, payload);
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
  });
});

describe('calls', () => {
  const liveCall = {
    callId: 'c@1',
    direction: 'inbound',
    callerNo: '+1',
    apiNo: NO,
    startTimeMs: 0,
    answerTimeMs: null,
  };

  test('that are up are listed and ended by their own application only', async () => {
    live = [{ ...liveCall, appId } as LiveCall];
    expect((await ask('GET', 'LiveCalls')).body.live_calls).toMatchObject([{ call_id: 'c@1', status: 'live-ringing' }]);
    const others = { 'x-api-key': otherKey };
    expect((await ask('GET', 'LiveCalls', undefined, others)).body.live_calls).toEqual([]);
    expect((await ask('DELETE', 'LiveCalls/c@1', undefined, others)).status).toBe(404);
    expect((await ask('DELETE', 'LiveCalls/c%401')).body).toEqual({ call_id: 'c@1' });
    expect(commands).toMatchObject([{ type: 'hang_up' }]);
    expect((await ask('DELETE', 'LiveCalls/none')).status).toBe(404);
  });

  test('that are up take actions and session data', async () => {
    live = [{ ...liveCall, appId } as LiveCall];
    const say = { type: 'SAY', params: { text: 'Hi.' } };
    for (const [method, path, body] of [
      ['POST', 'Actions', { actions: [say] }],
      ['POST', 'Actions', { actions: [say], when: 'after_current' }],
      ['PUT', 'SessionData', { session_data: { a: [1] } }],
      ['POST', 'SessionData', { session_data: { a: null } }],
      ['POST', 'Actions/HangUp', { message: ['Hi.'] }],
      ['POST', 'Actions/HangUp', undefined],
      ['POST', 'Actions/Tell', { message: 'Hi.', loop: 2 }],
      ['POST', 'Actions/Collect', { num_digits: 1, message: 'Hi.' }],
      ['POST', 'Actions/Transfer', { no: '+12125550199' }],
      ['POST', 'Actions/JoinConference', { conference_name: 'x' }],
      ['POST', 'Actions/MuteConferenceParticipant', undefined],
      ['POST', 'Actions/LeaveConference', { message: 'Hi.' }],
    ] as const) {
      expect(await ask(method, `LiveCalls/c@1/${path}`, body)).toEqual({ status: 200, body: { call_id: 'c@1' } });
    }
    expect(commands).toEqual([
      { type: 'inject_actions', actions: [say], when: 'now' },
      { type: 'inject_actions', actions: [say], when: 'after_current' },
      { type: 'inject_session_data', sessionData: { a: [1] } },
      { type: 'inject_session_data', sessionData: { a: null } },
      { type: 'inject_actions', actions: [say, { type: 'HANGUP' }], when: 'now' },
      { type: 'hang_up', reason: 'ended by the API' },
      { type: 'inject_actions', actions: [{ type: 'SAY', params: { text: 'Hi.', loop: 2 } }], when: 'now' },
      {
        type: 'inject_actions',
        actions: [{ type: 'COLLECT', params: { num_digits: 1 }, actions: [say] }],
        when: 'now',
      },
      { type: 'inject_actions', actions: [{ type: 'TRANSFER', params: { no: '+12125550199' } }], when: 'now' },
      { type: 'inject_actions', actions: [{ type: 'CONFERENCE', params: { name: 'x' } }], when: 'now' },
      { type: 'conference_command', command: 'mute' },
      { type: 'inject_actions', actions: [say, { type: 'CONFERENCE', params: { event: 'leave' } }], when: 'beside' },
    ]);
  });

  test.each([
    ['Actions', { actions: [] }, /body.actions/],
    ['Actions', { actions: [3] }, /body.actions.0 must be object/],
    ['Actions', { actions: [{}], when: 'later' }, /"now", "after_current", "beside"/],
    ['Actions/Tell', {}, /message is missing/],
    ['Actions/Transfer', { no: 7 }, /no must be the number/],
    ['Actions/Dance', {}, /params.name must be one of "Tell"/],
    ['SessionData', { session_data: [] }, /body.session_data must be object/],
  ])('%s with %j is refused', async (path, payload, message) => {
    const { status, body } = await ask('POST', `LiveCalls/c@1/${path}`, payload);
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
  });

  test('that are over have a record and a log, for their own application only', async () => {
    const callId = 'done@1';
    await store.calls.open({
      callId,
      id: '11111111-2222-4333-8444-555555555555',
      appId,
      subaccountId: 0,
      direction: 'outbound',
      callerNo: '+12125550199',
      apiNo: NO,
      startTimeMs: 1_700_000_000_000,
      originApi: 'CallFlows',
      sipDomain: 'one.example',
      sipForwardedFor: '',
    });
    const request = { requestId: 'r1', target: callback, failover: null, body: { type: 'init_call' } };
    store.events.append(callId, [
      { seq: 1, at: 1, kind: 'effect', type: 'request_callback', data: request },
      {
        seq: 2,
        at: 2,
        kind: 'input',
        type: 'callback_answered',
        data: { requestId: 'r1', httpStatus: 200, bodyText: '{}' },
      },
    ]);
    expect((await ask('GET', `History/Logs/Calls/${callId}`)).status).toBe(404);
    expect((await ask('GET', `CallFlows/Logs/${callId}`)).body).toMatchObject({ status: null });
    await store.calls.finish(callId, {
      status: 'completed',
      hangupEnd: 'caller',
      endTimeMs: 1_700_000_002_540,
      durationMs: 2540,
      connectTimeSec: 1,
      detection: 'unknown',
      error: null,
      endCallback: null,
    });
    const record = await ask('GET', 'History/Logs/Calls/done%401');
    expect(record.status).toBe(200);
    expect(record.body).toEqual({
      id: '11111111-2222-4333-8444-555555555555',
      app_id: appId,
      subaccount_id: 0,
      call_id: callId,
      caller_no: '+12125550199',
      api_no: NO,
      start_time: '2023-11-14T22:13:20.000Z',
      end_time: '2023-11-14T22:13:22.540Z',
      type: 'voice',
      direction: 'outbound',
      hangup_end: 'caller',
      duration: 2540,
      status: 'completed',
      detection: 'unknown',
      error: null,
      connect_time_billed: 0.1,
      connect_time_sec: 1,
      origin_api: 'CallFlows',
      charge: { total: 0 },
      service: 'programmable_voice',
    });
    const log = await ask('GET', `CallFlows/Logs/${callId}`);
    expect(log.body).toMatchObject({
      status: 'completed',
      end_callback: 'none',
      callbacks: [{ request_id: 'r1', request: { target: callback }, response: { http_status: 200, body: '{}' } }],
    });
    expect(log.body.events).toHaveLength(2);
    for (const url of [`History/Logs/Calls/${callId}`, `CallFlows/Logs/${callId}`]) {
      expect((await ask('GET', url, undefined, { 'x-api-key': otherKey })).status).toBe(404);
    }
  });

  test('that are over are listed, the newest first, for their own application only', async () => {
    const list = async (query: string, headers = {}) => {
      const { body } = await ask('GET', `History/Logs/Calls${query}`, undefined, headers);
      return { ...body, logs: (body.logs as { call_id: string }[]).map(({ call_id }) => call_id) };
    };
    const begin = '?begin_date=1970-01-01T00:00:00Z';
    expect((await list(begin)).logs).toContain('done@1');
    expect((await list(begin, { 'x-api-key': otherKey })).logs).toEqual([]);
    expect(await list(`${begin}&max_results=1`)).toMatchObject({ begin_date: '1970-01-01T00:00:00.000Z' });
    expect((await list(`${begin}&direction=inbound`)).logs).not.toContain('done@1');
    expect((await ask('GET', 'History/Logs/Calls?begin_date=yesterday')).status).toBe(400);
  });

  test.each(['History/Logs/Calls/', 'CallFlows/Logs/'])('%s with what no call is named by', async (path) => {
    expect((await ask('GET', `${path}nobody`)).status).toBe(404);
    expect((await ask('GET', `${path}%00`)).status).toBe(400);
    expect((await ask('GET', `${path}${'x'.repeat(201)}`)).status).toBe(400);
  });
});

describe('recordings', () => {
  const recording = {
    recordingId: 'done@1-r1',
    name: 'message',
    callId: 'done@1',
    file: '2026/a b.wav',
    format: 'wav',
    channels: 1,
    startTimeMs: Date.UTC(2026, 0, 1),
    webhook: null,
  } as const;

  test('are listed, read, heard in parts and deleted, by their own application only', async () => {
    await store.recordings.begin({ ...recording, appId });
    await mkdir(join(dataDir, 'recordings', '2026'), { recursive: true });
    await writeFile(join(dataDir, 'recordings', recording.file), 'RIFFsound');
    const path = 'Recordings/done@1-r1';
    expect((await ask('GET', `${path}/Audio`)).body.message).toMatch('still goes on');
    expect((await ask('DELETE', path)).status).toBe(400);
    await store.recordings.finish(recording.recordingId, { durationMs: 1200, bytes: 9, sha256: 'ab' });
    const { body } = await ask('GET', path);
    expect(body).toEqual({
      id: 'done@1-r1',
      name: 'message',
      call_id: 'done@1',
      status: 'ready',
      format: 'wav',
      channels: 1,
      start_time: '2026-01-01T00:00:00.000Z',
      duration: 1200,
      bytes: 9,
      sha256: 'ab',
      audio: '/v1/Recordings/done%401-r1/Audio',
      error: null,
    });
    expect((await ask('GET', 'Recordings?call_id=done@1&before=2026-01-02T00:00:00Z')).body.recordings).toEqual([body]);
    expect((await ask('GET', 'Recordings?before=2026-01-01T00:00:00Z')).body.recordings).toEqual([]);
    const audio = await api.inject({
      url: `/v1/${path}/Audio`,
      headers: { host: 'localhost', 'x-api-key': key, range: 'bytes=4-' },
    });
    expect([audio.statusCode, audio.headers['content-type'], audio.payload]).toEqual([206, 'audio/wav', 'sound']);
    const others = { 'x-api-key': otherKey };
    for (const [method, url] of [
      ['GET', path],
      ['GET', `${path}/Audio`],
      ['DELETE', path],
    ] as const) {
      expect((await ask(method, url, undefined, others)).status).toBe(404);
    }
    expect((await ask('GET', 'Recordings', undefined, others)).body.recordings).toEqual([]);
    expect((await ask('DELETE', path)).body).toEqual({ id: 'done@1-r1' });
    expect((await ask('GET', path)).status).toBe(404);
    await expect(access(join(dataDir, 'recordings', recording.file))).rejects.toThrow('ENOENT');
  });
});

test('transcripts of a call and of its recordings are read by their own application only', async () => {
  const opening = { appId, callId: 'said@1', startTimeMs: Date.UTC(2026, 0, 1), webhook: null };
  const recording = { recordingId: 'said@1.1', name: null, file: 'x.wav', format: 'wav', channels: 1 } as const;
  await store.recordings.begin({ ...recording, ...opening });
  await store.transcripts.begin({ ...opening, transcriptId: 'said@1.1', recordingId: 'said@1.1' });
  await store.transcripts.begin({ ...opening, transcriptId: 'said@1.w1', recordingId: null });
  const piece = { sequence: 1, track: 'caller', startMs: 1500, endMs: 2000, text: 'yes', confidence: null };
  await store.transcripts.add('said@1.w1', piece);
  await store.transcripts.finish('said@1.w1', { status: 'ready', error: null });
  const path = 'CallFlows/Transcripts/said@1';
  const { transcripts } = (await ask('GET', path)).body;
  expect(transcripts).toMatchObject([
    { transcript_id: 'said@1.1', status: 'in_progress', transcripts: [] },
    {
      transcript_id: 'said@1.w1',
      call_id: 'said@1',
      recording_id: null,
      status: 'ready',
      start_time: '2026-01-01T00:00:00.000Z',
      error: null,
      transcripts: [
        {
          track: 'caller',
          sequence: 1,
          start_time: '2026-01-01T00:00:01.500Z',
          end_time: '2026-01-01T00:00:02.000Z',
          offset: 1500,
          transcript: 'yes',
          confidence: null,
        },
      ],
    },
  ]);
  expect((await ask('GET', 'Recordings/said@1.1/Transcript')).body).toEqual((transcripts as unknown[])[0]);
  expect((await ask('GET', 'Recordings/said@1.w1/Transcript')).status).toBe(404);
  const others = { 'x-api-key': otherKey };
  for (const [method, url] of [
    ['GET', path],
    ['GET', 'Recordings/said@1.1/Transcript'],
    ['DELETE', path],
  ] as const) {
    expect((await ask(method, url, undefined, others)).status).toBe(404);
  }
  expect((await ask('DELETE', path)).body.message).toMatch('still grows');
  await store.transcripts.finish('said@1.1', { status: 'failed', error: 'nobody understands' });
  expect((await ask('DELETE', path)).body).toEqual({ deleted: 2 });
  expect((await ask('GET', path)).status).toBe(404);
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
  let answer = await ask('POST', 'Dials/Connect', {}, { 'x-api-key': otherKey });
  for (let i = 0; i < REQUESTS_PER_MINUTE && answer.status === 400; i++) {
    answer = await ask('POST', 'Dials/Connect', {}, { 'x-api-key': otherKey });
  }
  expect(answer.status).toBe(429);
  expect(answer.body).toEqual({
    status: 429,
    message: expect.any(String),
    help: expect.stringContaining('Retry-After'),
  });
});
