/** Texts that come in: by SIP MESSAGE, from the message provider, from another number of the house. */
import { isDeepStrictEqual } from 'node:util';
import { type LoggedCall, readCallLog, replayCallLog } from '@voxology/callflow';
import { until } from '../lib/bounded.ts';
import type { FlowLog } from '../lib/call-logs.ts';
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { equal, matches, ok } from '../lib/check.ts';
import { actions, fill, say } from '../lib/flow.ts';
import { configure, newNumber, unusedNumber } from '../lib/numbers.ts';
import { registeredPhone } from '../lib/phone.ts';
import { Rest } from '../lib/rest.ts';
import type { Server } from '../lib/server.ts';
import { ownServer, sharedServer, TRUNK_IP } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { sendText } from '../lib/text-sender.ts';

const FAR = '+13105550142';
const SECRET = 'Bearer the-secret-of-the-provider';
const sms = (message: string, params: Record<string, unknown> = {}) => ({
  type: 'SMS',
  params: { message, ...params },
});

interface MessageRow {
  message_id: string;
  direction: string;
  caller_no: string;
  api_no: string;
  text_message: string;
  status: string;
  error: string | null;
  call_id: string | null;
}

/** The messages of a number, oldest first, when there are so many and none is under way. */
function messagesOf(rest: Rest, no: string, count: number): Promise<MessageRow[]> {
  return until(
    `${count} messages of ${no} in the history`,
    async () => {
      const { body } = await rest.get('/v1/History/Logs/Messages?max_results=1000');
      const rows = (body.logs as MessageRow[]).filter(({ api_no }) => api_no === no).reverse();
      return rows.length >= count && rows.every(({ status }) => status !== 'received') ? rows : undefined;
    },
    10_000,
    100,
  );
}

/** The log of a message, which must run again to the same effects. */
async function replayed(rest: Rest, messageId: string): Promise<LoggedCall> {
  const { status, body } = await rest.get(`/v1/CallFlows/Logs/${messageId}`);
  equal(status, 200, 'the log of the message');
  const log = readCallLog(body);
  const differing = replayCallLog(log).filter(({ differences }) => differences.length > 0);
  equal(differing, [], 'steps that replay to other effects');
  return log;
}

function handIn(server: Server, body: object, secret = SECRET): Promise<Response> {
  return fetch(`${server.quickstart.http_url}/v1/Messages/Inbound`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: secret },
    body: JSON.stringify(body),
  });
}

test('messages in: a phone writes to a number, its flow answers on that phone', { uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const rest = new Rest(server);
  const user = await CallbackServer.open(t, [
    actions(
      say('Nobody hears this.'),
      { $words: '$textMessage.trim().split(" ")' },
      { $count: '$words.length' },
      sms(`${fill('count')} words: ${fill('textMessage')}`),
    ),
  ]);
  const number = await newNumber(server, { url: user.url, customData: { shop: 7 } });
  const { sip_user: account, sip_user_no: no } = server.quickstart;
  const phone = await registeredPhone(t, server, { script: (scenario) => scenario.expectMessage() });
  await sendText(t, server, { to: number, text: 'Is my table ready?' });
  equal((await phone.sipp.event('message')).words.join(' '), '4 words: Is my table ready?', 'the answer on the phone');
  await phone.sipp.succeeded();
  const asked = fieldsOf((await user.waitFor(1))[0] ?? never());
  const expected = {
    service: 'programmable_messaging',
    type: 'sms',
    subaccount_id: 0,
    api_no: number,
    caller_no: no,
    caller_no_region: 'CA',
    media: [],
    keyword_detected: null,
    keyword_type: null,
    custom_data: { shop: 7 },
    session_data: null,
  };
  // sipp ends a body with a line end.
  equal(String(asked.text_message).trimEnd(), 'Is my table ready?', 'the text');
  for (const [name, value] of Object.entries(expected)) ok(isDeepStrictEqual(asked[name], value), `field ${name}`);
  const [incoming, outgoing] = await messagesOf(rest, number, 2);
  equal([incoming?.direction, incoming?.status, incoming?.error], ['inbound', 'completed', null], 'the message');
  equal([outgoing?.direction, outgoing?.status, outgoing?.caller_no], ['outbound', 'sent', no], 'the answer');
  equal([asked.message_id, outgoing?.call_id], [incoming?.message_id, incoming?.message_id], 'ids');
  await replayed(rest, incoming?.message_id ?? '');
  const { body } = await rest.get(`/v1/CallFlows/Logs/${incoming?.message_id}`);
  ok(JSON.stringify(body).includes('SAY needs a call; for a text message it is left out'), 'the SAY is reported');
  ok(!server.output().includes('my table'), `no text of ${account} in the server's own log`);
});

test('messages in: a carrier writes without a password, a stranger is challenged; what is refused', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [{ status: 200 }]);
  const number = await newNumber(server, { url: user.url, method: 'GET' });
  const carrier = { account: null, from: `sip:${FAR}@carrier.invalid`, localIp: TRUNK_IP };
  await sendText(t, server, { to: number, text: 'Grüße & mehr', ...carrier });
  const [asked] = await user.waitFor(1);
  equal(
    [
      asked?.method,
      asked?.query.get('type'),
      asked?.query.get('text_message')?.trimEnd(),
      asked?.query.get('caller_no'),
    ],
    ['GET', 'sms', 'Grüße & mehr', FAR],
    'the callback as a query string',
  );
  for (const [setting, contentType, pattern] of [
    ['form', 'application/x-www-form-urlencoded', /(^|&)text_message=Gr%C3%BC%C3%9Fe(%0D%0A)?(&|$)/],
    ['XML', 'application/xml', /<text_message>Grüße\s*<\/text_message>/],
  ] as const) {
    const answer = await new Rest(server).put(`/v1/CallFlows/Configurations/PhoneNumbers/${number}`, {
      callback: { url: user.url, method: 'POST', content_type: contentType },
    });
    equal(answer.status, 200, `configuration as ${setting}`);
    const before = user.requests.length;
    await sendText(t, server, { to: number, text: 'Grüße', ...carrier });
    matches((await user.waitFor(before + 1)).at(-1)?.bodyText ?? '', pattern, `the callback as ${setting}`);
  }
  const nowhere = await unusedNumber(server);
  await sendText(t, server, { to: nowhere, text: 'Hello', status: 404, ...carrier });
  await sendText(t, server, { to: number, text: '<x/>', contentType: 'application/xml', status: 415, ...carrier });
  for (const to of [number, nowhere]) await sendText(t, server, { to, text: 'Hello', status: 401, account: null });
  equal(user.requests.length, 3, 'callbacks');
});

test('messages in: the provider hands in, STOP holds over a crash, START ends it', {
  timeoutMs: 120_000,
}, async (t) => {
  const provider = await CallbackServer.open(t, { status: 202 });
  const server = await ownServer(t, {
    config: {
      log_level: 'trace',
      messages: {
        provider: 'http',
        url: provider.url,
        inbound_header_value: SECRET,
        opt_out_reply: 'You will get no more messages.',
      },
    },
  });
  const rest = new Rest(server);
  const user = await CallbackServer.open(t, [actions(sms('Thank you.')), { hang: true }, { json: {} }]);
  const number = await newNumber(server, { url: user.url });
  const stop = { id: 'provider-1', from: FAR, to: number, text: 'Stop' };
  equal((await handIn(server, stop, 'Bearer something-else-altogether')).status, 401, 'a wrong secret');
  const first = await handIn(server, stop);
  equal(first.status, 200, 'STOP is taken');
  const taken = (await first.json()) as { message_id: string };
  const rows = await messagesOf(rest, number, 3);
  equal(
    rows.map(({ direction, status, text_message }) => `${direction} ${status} ${text_message}`).sort(),
    ['inbound completed Stop', 'outbound opt-out Thank you.', 'outbound sent You will get no more messages.'],
    'history',
  );
  equal(
    provider.requests.map(({ bodyText }) => JSON.parse(bodyText).text),
    ['You will get no more messages.'],
    'what the provider got',
  );
  equal(fieldsOf((await user.waitFor(1))[0] ?? never()).keyword_type, 'Opt-Out', 'keyword of the callback');
  await replayed(rest, taken.message_id);
  equal(
    (await handIn(server, { ...stop, id: 'provider-0', text: 'Hello' })).status,
    200,
    'one whose flow is under way',
  );
  await user.waitFor(2);
  await server.kill9();
  await server.start();
  equal(await (await handIn(server, stop)).json(), taken, 'handed in again after the crash');
  const left = (await messagesOf(rest, number, 4)).find(({ text_message }) => text_message === 'Hello');
  matches(left?.error ?? '', /restarted/, 'the one that was under way');
  const sale = { api_no: number, caller_no: FAR, text_message: 'Sale!' };
  const refused = await rest.post('/v1/Messages', sale);
  equal([refused.status, refused.body.messages[0].status], [200, 'opt-out'], 'a message after the opt-out');
  equal((await handIn(server, { id: 'provider-2', from: FAR, to: number, text: 'START' })).status, 200, 'START');
  await user.waitFor(3);
  const sent = await rest.post('/v1/Messages', sale);
  equal(sent.body.messages, [{ caller_no: FAR, status: 'sent', error: null }], 'a message after the opt-in');
  equal(user.requests.length, 3, 'callbacks: one for each message');
  equal(
    (await handIn(server, { id: 'x', from: FAR, to: '+19995550000', text: 'Hi' })).status,
    404,
    'no number of ours',
  );
  equal((await handIn(server, { from: FAR, to: number, text: 'Hi' })).status, 400, 'no id');
  for (const secret of ['the-secret-of-the-provider', 'Thank you', 'Sale!']) {
    ok(!server.output().includes(secret), `${secret} is in no log of the process`);
  }
});

test('messages in: two numbers that answer each other stop by themselves', async (t) => {
  const server = await ownServer(t, { config: { limits: { max_messages_per_sender_and_hour: 5 } } });
  const rest = new Rest(server);
  const user = await CallbackServer.open(t, actions(sms('And you?')));
  const [one, other] = [await newNumber(server, { url: user.url }), await newNumber(server, { url: user.url })];
  const { status } = await rest.post('/v1/Messages', { api_no: one, caller_no: other, text_message: 'Hello' });
  equal(status, 200, 'the first message');
  const rows = await messagesOf(rest, one, 11);
  equal(user.requests.length, 10, 'callbacks');
  matches(rows.at(-1)?.error ?? '', /max_messages_per_sender_and_hour/, 'why it stopped');
});

test('messages in: what a web server says by itself is no reply, and is in the log', {
  uses: ['sip-user'],
}, async (t) => {
  const server = await sharedServer();
  const rest = new Rest(server);
  const bodies = ['ok', 'status: ok', '{"ok":true}', '{"action":[]}', ''];
  const user = await CallbackServer.open(t, (_request, index) => ({ text: bodies[index] ?? '' }));
  const number = await newNumber(server, { url: user.url });
  for (const index of bodies.keys()) {
    await sendText(t, server, { to: number, text: `Hello ${index}` });
    const rows = await messagesOf(rest, number, index + 1);
    equal([rows.length, rows[index]?.status, rows[index]?.error], [index + 1, 'completed', null], `row ${index}`);
    await replayed(rest, rows[index]?.message_id ?? '');
    const { body } = await rest.get(`/v1/CallFlows/Logs/${rows[index]?.message_id}`);
    const warnings = (body as FlowLog).events.filter(({ type }) => type === 'warning').map(({ data }) => data.message);
    const hint = index === 3 ? '; there is "action", did you mean "actions"?' : '';
    const said = `the answer has no "actions" list${hint}; nothing is run. Received: ${JSON.stringify(bodies[index])}`;
    equal(warnings, bodies[index] === '' ? [] : [said], `the warning of ${bodies[index]}`);
  }
});

test('messages in: a number without a callback, and a server that takes none from a provider', async (t) => {
  const server = await sharedServer();
  const number = await newNumber(server, { url: 'http://127.0.0.1:9/' });
  const answer = await new Rest(server).put(`/v1/CallFlows/Configurations/PhoneNumbers/${number}`, { callback: null });
  equal(answer.status, 200, 'no callback');
  await sendText(t, server, { to: number, text: 'Hello', status: 480 });
  equal((await handIn(server, { id: '1', from: FAR, to: number, text: 'Hi' })).status, 501, 'no provider');
  await configure(server, number, { url: 'http://127.0.0.1:9/' });
});

function never(): never {
  throw new Error('it was there before');
}
