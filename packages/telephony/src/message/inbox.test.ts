import type { OutgoingRequest, SipEndpoint } from '@voxology/sip';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Exchange, MESSAGE_PROVIDER, SERVER } from '../testing/exchange.ts';
import { APP_ID, CONFIGURATION, DOMAIN, NUMBER, numberRow, PASSWORD, USER_NO } from '../testing/memory-store.ts';
import type { ReceivedMessage } from './inbox.ts';

const FAR = '+13105550142';
const OTHER = '+14155550101';

let exchange: Exchange;
let phone: SipEndpoint;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  exchange = await Exchange.open({
    messages: { url: MESSAGE_PROVIDER, header: null },
    autoReplies: { 'Opt-Out': 'You will get no more messages.', Help: 'Call us.' },
  });
  phone = await exchange.phoneAt('10.0.0.2');
  exchange.script = [{}];
});
afterEach(async () => {
  await exchange.settle();
  vi.useRealTimers();
  await exchange.close();
  expect(exchange.errors).toEqual([]);
});

async function receive(message: Partial<ReceivedMessage>) {
  const received = exchange.telephony.inbox.receive({
    from: FAR,
    to: [NUMBER],
    text: 'Hello',
    mediaUrls: [],
    origin: 'http',
    externalId: null,
    sipForwardedFor: '',
    ...message,
  });
  await exchange.settle();
  return await received;
}
/** The response to a MESSAGE, as alice sends one unless told otherwise. */
async function send(body: string, options: Partial<OutgoingRequest> = {}, from = phone) {
  const sent = from.request({
    method: 'MESSAGE',
    uri: `sip:${NUMBER}@${DOMAIN}`,
    destination: SERVER,
    from: `<sip:alice@${DOMAIN}>`,
    to: `<sip:${NUMBER}@${DOMAIN}>`,
    headers: [['Content-Type', 'text/plain;charset=utf-8']],
    body,
    credentials: { username: 'alice', password: PASSWORD },
    ...options,
  });
  await exchange.settle();
  const answer = await sent;
  return answer.ok ? answer.response : null;
}
const handedOver = () => exchange.handedOver.map(({ body }) => JSON.parse(String(body)));
const sms = (message: string, params: object = {}) => ({ type: 'SMS', params: { message, ...params } });
const rows = () => exchange.store.messageRows;

describe('by SIP', () => {
  test('of a user: it is taken, and the flow is asked with the number of the user', async () => {
    exchange.script = [{ actions: [sms('$textMessage', { no: FAR })] }];
    expect((await send('Grüße'))?.status).toBe(200);
    expect(exchange.callbacks).toMatchObject([
      {
        service: 'programmable_messaging',
        type: 'sms',
        app_id: APP_ID,
        api_no: NUMBER,
        caller_no: USER_NO,
        caller_no_city: 'New York',
        text_message: 'Grüße',
        custom_data: { tenant: 7 },
      },
    ]);
    expect(handedOver()).toMatchObject([{ from: NUMBER, to: FAR, text: 'Grüße' }]);
    expect(rows()).toMatchObject([
      { direction: 'inbound', origin: 'sip', callerNo: USER_NO, status: 'completed', error: null },
      { direction: 'outbound', origin: 'flow', callerNo: FAR, status: 'sent', callId: rows()[0]?.messageId },
    ]);
    expect(exchange.store.logged('input')).toEqual(['start', 'callback_answered', 'message_sent']);
  });

  test('of a trunk, whose caller may be anybody', async () => {
    const trunk = await exchange.phoneAt('10.0.0.3');
    expect((await send('Hi', { from: `<sip:${FAR}@carrier.example>` }, trunk))?.status).toBe(200);
    expect(exchange.callbacks).toMatchObject([{ caller_no: FAR, text_message: 'Hi' }]);
  });

  test('a stranger is challenged, whatever the number, and nothing else happens', async () => {
    for (const uri of [`sip:${NUMBER}@${DOMAIN}`, `sip:+19995550000@${DOMAIN}`]) {
      const response = await send('Hi', { uri, credentials: { username: 'alice', password: 'wrong' } });
      expect(response?.status).toBe(401);
    }
    await send('Hi', { credentials: { username: 'mallory', password: 'x' } });
    expect((await send('Hi', { credentials: { username: 'alice', password: PASSWORD } }))?.status).toBe(403);
    expect(rows()).toEqual([]);
  });

  test.each([
    ['application/im-iscomposing+xml', 415],
    ['text/plain;charset=klingon', 415],
    ['message/cpim', 415],
    ['TEXT/PLAIN', 200],
    ['text/plain; charset="iso-8859-1"', 200],
  ])('%s: %i', async (type, status) => {
    const response = await send('Hi', { headers: [['Content-Type', type]] });
    expect(response?.status).toBe(status);
    if (status === 415) expect(response?.headers.get('Accept')).toBe('text/plain');
  });

  test('a number that is not ours, one without a callback, a text that is too long', async () => {
    exchange.store.numberRows.set(OTHER, numberRow(OTHER, null));
    expect((await send('Hi', { uri: `sip:+19995550000@${DOMAIN}` }))?.status).toBe(404);
    expect((await send('Hi', { uri: `sip:${OTHER}@${DOMAIN}` }))?.status).toBe(480);
    expect((await send('x'.repeat(101)))?.status).toBe(413);
    expect(rows()).toMatchObject([
      { status: 'failed', error: `${OTHER} has no callback configured, and neither has its application` },
    ]);
  });
});

describe('keywords', () => {
  test('who opts out gets the last word of the house, and nothing more, until opting in', async () => {
    exchange.script = [{ actions: [sms('Good bye.')] }];
    await receive({ text: ' Stop ' });
    expect(exchange.callbacks).toMatchObject([{ keyword_detected: 'STOP', keyword_type: 'Opt-Out' }]);
    expect(handedOver()).toMatchObject([{ to: FAR, text: 'You will get no more messages.' }]);
    const refused = exchange.telephony.messages.send({
      appId: APP_ID,
      from: NUMBER,
      to: FAR,
      text: 'Sale!',
      mediaUrls: [],
    });
    await expect(refused).rejects.toMatchObject({ kind: 'opt-out', message: expect.stringMatching(/^opt-out: /) });
    expect(
      rows()
        .map(({ direction, status }) => `${direction} ${status}`)
        .sort(),
    ).toEqual(['inbound completed', 'outbound opt-out', 'outbound opt-out', 'outbound sent']);
    exchange.script = [{ actions: [sms('Welcome back.')] }];
    await receive({ text: 'START' });
    expect(handedOver().at(-1)).toMatchObject({ to: FAR, text: 'Welcome back.' });
  });

  test('they count without a callback, and however many came before', async () => {
    exchange.store.numberRows.set(OTHER, numberRow(OTHER, null));
    expect(await receive({ to: [OTHER], text: 'help' })).toMatchObject({ kind: 'taken' });
    expect(handedOver()).toMatchObject([{ from: OTHER, text: 'Call us.' }]);
    for (let count = 0; count < 9; count++) await receive({});
    expect(exchange.callbacks).toHaveLength(8);
    expect(await receive({})).toMatchObject({ kind: 'refused', why: 'rate' });
    expect(await receive({ text: 'QUIT' })).toMatchObject({ kind: 'taken' });
    expect(exchange.store.optOuts.has(FAR)).toBe(true);
    expect(exchange.callbacks).toHaveLength(8);
  });

  test('a flood of opt-outs fills no history, and is answered once', async () => {
    exchange.script = ['never'];
    for (let count = 0; count < 5; count++) await receive({});
    expect(await receive({ text: 'STOP' })).toMatchObject({ kind: 'taken' });
    const known = rows().length;
    for (let count = 0; count < 4; count++) {
      expect(await receive({ text: 'STOP' })).toMatchObject({ kind: 'refused' });
    }
    expect(rows()).toHaveLength(known);
    expect(handedOver()).toHaveLength(1);
    expect(exchange.store.optOuts.has(FAR)).toBe(true);
    await vi.advanceTimersByTimeAsync(10_000);
  });
});

test('what is handed in twice is one message, also when its keyword was undone since', async () => {
  const first = await receive({ text: 'STOP', externalId: 'p1' });
  await receive({ text: 'START', externalId: 'p2' });
  expect(await receive({ text: 'STOP', externalId: 'p1' })).toEqual(first);
  expect(exchange.callbacks).toHaveLength(2);
  expect(exchange.store.optOuts.size).toBe(0);
});

test('pictures make it an mms', async () => {
  await receive({ text: '', mediaUrls: ['https://example.com/a.png'] });
  expect(exchange.callbacks).toMatchObject([
    { type: 'mms', media: [{ url: 'https://example.com/a.png', content_type: '' }] },
  ]);
});

test('two numbers of ours that answer each other stop by themselves', async () => {
  exchange.store.numberRows.set(OTHER, numberRow(OTHER, CONFIGURATION));
  exchange.script = [{ actions: [sms('And you?')] }];
  const sent = exchange.telephony.messages.send({
    appId: APP_ID,
    from: OTHER,
    to: NUMBER,
    text: 'Hello',
    mediaUrls: [],
  });
  await exchange.settle();
  expect(await sent).toEqual({ from: OTHER, to: NUMBER });
  for (let turns = 0; turns < 20; turns++) await exchange.settle();
  expect(rows().filter(({ direction }) => direction === 'inbound').length).toBeLessThanOrEqual(16);
  const calls = exchange.callbacks.length;
  await exchange.settle(500);
  expect(exchange.callbacks.length).toBe(calls);
  expect(exchange.telephony.inbox.size).toBe(0);
  expect(exchange.handedOver).toEqual([]);
});

test('a flow that waits is given up at its longest time, and when the server stops', async () => {
  exchange.script = [{ actions: [{ type: 'WAIT', params: { time: 60_000 } }] }];
  await receive({});
  await vi.advanceTimersByTimeAsync(10_000);
  await exchange.settle();
  expect(rows()).toMatchObject([{ status: 'failed', error: expect.stringContaining('longest time of 10000 ms') }]);
  await receive({});
  const drained = exchange.telephony.inbox.drain(1000);
  await vi.advanceTimersByTimeAsync(1000);
  await drained;
  expect(rows()[1]).toMatchObject({ status: 'failed', error: 'server shutting down' });
  expect(await receive({})).toMatchObject({ why: 'shutting-down' });
});

test('a message on its way to the books is waited for when the server stops', async () => {
  const { messages } = exchange.store;
  const { receive: enter } = messages;
  const { promise: isBack, resolve: comesBack } = Promise.withResolvers<void>();
  vi.spyOn(messages, 'receive').mockImplementationOnce(async (...message) => {
    await isBack;
    return await enter(...message);
  });
  const received = receive({});
  await exchange.settle();
  const drained = exchange.telephony.inbox.drain(1000);
  comesBack();
  await drained;
  expect(await received).toMatchObject({ kind: 'taken' });
  expect(rows()).toMatchObject([{ status: 'completed', error: null }]);
});

test('what became of messages is written when the database is back', async () => {
  exchange.script = [{ actions: [sms('Hi', { no: FAR })] }];
  const away = Object.assign(new Error('no connection'), { code: 'ECONNREFUSED' });
  const finish = vi.spyOn(exchange.store.messages, 'finish').mockRejectedValueOnce(away);
  const add = vi.spyOn(exchange.store.messages, 'add').mockRejectedValueOnce(away);
  await receive({});
  await exchange.telephony.inbox.drain(1000);
  await exchange.telephony.messages.settled();
  expect([finish.mock.calls.length, add.mock.calls.length]).toEqual([2, 2]);
  expect(rows()).toMatchObject([
    { direction: 'inbound', status: 'completed' },
    { direction: 'outbound', status: 'sent' },
  ]);
});

test('so many flows run at once', async () => {
  exchange.script = ['never'];
  for (let count = 0; count < 5; count++) expect(await receive({})).toMatchObject({ kind: 'taken' });
  expect(await receive({})).toMatchObject({ why: 'busy', message: expect.stringContaining('max_message_flows') });
  await vi.advanceTimersByTimeAsync(10_000);
  await exchange.settle();
  expect(exchange.aborted).toBe(5);
  expect(exchange.telephony.inbox.size).toBe(0);
});

test('a server that fails: the reason is in the history and the log', async () => {
  exchange.script = [{ fails: 'answered 500' }];
  await receive({});
  expect(rows()).toMatchObject([{ status: 'failed', error: expect.stringContaining('answered 500') }]);
  expect(JSON.stringify(exchange.store.log)).toContain('answered 500');
});
