import { MessageNotSent } from '@voxology/telephony';
import { describe, expect, test } from 'vitest';
import { callback, NO, serveApi } from '../testing/served-api.ts';

const tested = serveApi();
const { ask } = tested;

describe('messages', () => {
  const sms = { call: { no: '+12125550199', caller_id_no: NO }, message: 'Hello' };
  const message = { api_no: NO, caller_no: '+12125550199', text_message: 'Hello' };

  test('Send SMS', async () => {
    const { status, body } = await ask('POST', 'Dials/SMS', sms);
    expect(status).toBe(200);
    expect(body).toEqual({ call: sms.call, status: 'sent' });
    expect(tested.messages).toEqual([
      { appId: tested.appId, from: NO, to: '+12125550199', text: 'Hello', mediaUrls: [] },
    ]);
  });

  test('one message, with a picture', async () => {
    const media = ['https://example.com/cat.png'];
    const { body } = await ask('POST', 'Messages', { ...message, caller_no: 12125550199, media_urls: media });
    expect(body).toEqual({ api_no: NO, messages: [{ caller_no: '12125550199', status: 'sent', error: null }] });
    expect(tested.messages).toEqual([
      { appId: tested.appId, from: NO, to: '12125550199', text: 'Hello', mediaUrls: media },
    ]);
  });

  test('to somebody who has opted out: the status tells, and it is no error', async () => {
    tested.refusal = new MessageNotSent('opt-out', 'opt-out: because');
    expect(await ask('POST', 'Messages', message)).toMatchObject({
      status: 200,
      body: { messages: [{ status: 'opt-out', error: 'opt-out: because' }] },
    });
    expect((await ask('POST', 'Dials/SMS', sms)).body).toEqual({ call: sms.call, status: 'opt-out' });
  });

  test('of several each succeeds or fails on its own', async () => {
    tested.refusal = new MessageNotSent('not-taken', 'the phone does not answer');
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
    tested.refusal = new MessageNotSent(kind, 'because');
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
    expect(tested.messages).toEqual([]);
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
    expect(tested.received).toEqual([{ ...common, from: '+13105550142', mediaUrls: media_urls, externalId: 'p1' }]);
    await handIn({ ...handedIn, from: 'BANK', to: 'nobody' });
    expect(tested.received[1]).toEqual({ ...common, to: [], from: 'BANK', mediaUrls: [], externalId: 'p1' });
  });

  test('by nobody else', async () => {
    for (const headers of [{}, { 'x-provider': 'wrong' }, { 'x-provider': '' }, { 'x-api-key': tested.key }]) {
      const { status, body } = await handIn(handedIn, headers);
      expect([status, body.message]).toEqual([401, expect.stringContaining('X-Provider')]);
    }
    expect(tested.received).toEqual([]);
  });

  test.each([
    ['unknown-number', 404],
    ['no-callback', 404],
    ['too-long', 400],
    ['rate', 429],
    ['busy', 503],
    ['shutting-down', 503],
  ] as const)('refused as %s: %i', async (why, status) => {
    tested.receipt = { kind: 'refused', why, message: 'why' };
    expect((await handIn(handedIn)).status).toBe(status);
  });

  test.each([{ id: '' }, { id: undefined }, { text: undefined }, { from: '' }, { media_urls: ['javascript:x'] }])(
    '%j is refused',
    async (fault) => {
      expect((await handIn({ ...handedIn, ...fault })).status).toBe(400);
    },
  );

  test('are in the history with their log, for their own application only', async () => {
    const facts = {
      appId: tested.appId,
      callerNo: '+13105550142',
      apiNo: NO,
      mediaUrls: [],
      startTimeMs: 1_700_000_000_000,
    };
    await tested.store.messages.receive(
      { ...facts, messageId: 'in', textMessage: 'STOP', origin: 'sip', keyword: 'STOP', externalId: null },
      'withdrawn',
    );
    await tested.store.messages.add({
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
    tested.store.events.append('in', [
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
    const page = 'History/Logs/Messages?begin_date=2023-11-14T00:00:00Z&end_date=2023-11-14T22:13:20Z&end_id=';
    expect((await ask('GET', `${page}im`)).body.logs).toMatchObject([{ message_id: 'in' }]);
    expect((await ask('GET', `${page}in`)).body.logs).toEqual([]);
    expect((await ask('GET', 'History/Logs/Messages/%00')).status).toBe(400);
    const inbound = await ask('GET', 'History/Logs/Messages?begin_date=2023-11-14T00:00:00Z&direction=inbound');
    expect(inbound.body.logs).toHaveLength(1);
    expect((await ask('GET', 'History/Logs/Messages/in')).body).toMatchObject({ message_id: 'in' });
    expect((await ask('GET', 'CallFlows/Logs/in')).body).toMatchObject({
      status: null,
      end_callback: 'none',
      callbacks: [{ request_id: 'r1', response: { http_status: 200 } }],
    });
    await tested.store.messages.finish('in', { status: 'completed', error: null, endTimeMs: 1_700_000_002_000 });
    expect((await ask('GET', 'CallFlows/Logs/in')).body).toMatchObject({ status: 'completed' });
    for (const path of ['History/Logs/Messages/in', 'CallFlows/Logs/in']) {
      expect((await ask('GET', path, undefined, { 'x-api-key': tested.otherKey })).status).toBe(404);
    }
    expect((await ask('GET', 'CallFlows/Logs/out')).status).toBe(404);
  });
});
