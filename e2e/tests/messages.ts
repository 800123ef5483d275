/** Texts: to the phones of SIP users, and to numbers through the operator's provider. */
import { readFileSync } from 'node:fs';
import { CallbackServer } from '../lib/callback-server.ts';
import { equal, ok } from '../lib/check.ts';
import { actions, fill, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call, registeredPhone } from '../lib/phone.ts';
import { Rest } from '../lib/rest.ts';
import { ownServer, sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

const FAR = '+13105550142';
const SECRET = 'Bearer the-key-of-the-provider';

test('messages: a flow and the API hand texts to the provider, whose key is told to nobody', async (t) => {
  const provider = await CallbackServer.open(t, [{ status: 202 }, { status: 202 }, { status: 429 }]);
  const server = await ownServer(t, {
    config: { log_level: 'trace', messages: { provider: 'http', url: provider.url, header_value: SECRET } },
  });
  const user = await CallbackServer.open(t, [
    actions(
      {
        type: 'SMS',
        params: { no: FAR, message: `You called ${fill('apiNo')}.`, media_urls: ['https://a.example/1.png'] },
      },
      say('Good bye.'),
      hangUp,
    ),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  await (await call(t, server, { to: number })).sipp.succeeded();
  const [first] = await provider.waitFor(1);
  equal(
    [first?.method, first?.headers.authorization, JSON.parse(first?.bodyText ?? '')],
    ['POST', SECRET, { from: number, to: FAR, text: `You called ${number}.`, media_urls: ['https://a.example/1.png'] }],
    'what the provider gets',
  );
  const rest = new Rest(server);
  const sms = { call: { no: FAR, caller_id_no: number }, message: 'Grüße' };
  const sent = await rest.post('/v1/Dials/SMS', sms);
  equal([sent.status, sent.body], [200, { call: sms.call, status: 'sent' }], 'Send SMS');
  const refused = await rest.post('/v1/Messages', { api_no: number, caller_no: FAR, text_message: 'Too many' });
  equal(refused.status, 502, 'what the provider does not take');
  equal(
    provider.requests.map(({ bodyText }) => JSON.parse(bodyText).text),
    [`You called ${number}.`, 'Grüße', 'Too many'],
    'texts, each once',
  );
  const callId = String(JSON.parse(user.requests[0]?.bodyText ?? '').call_id);
  const { body: log } = await rest.get(`/v1/CallFlows/Logs/${encodeURIComponent(callId)}`);
  ok(JSON.stringify(log).includes(`message to ${FAR}`), 'the call log tells of the message');
  for (const told of [JSON.stringify(log), readFileSync(server.logFile, 'utf8')]) {
    ok(!told.includes('the-key-of-the-provider'), 'the key is in no log');
  }
});

test('messages: a SIP user gets texts on the phone, with no provider at all', { uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const rest = new Rest(server);
  const { sip_user: user, sip_user_no: no, number } = server.quickstart;
  const message = { api_no: number, caller_no: user, text_message: 'Your table is ready.' };
  const nobody = await rest.post('/v1/Messages', message);
  equal(nobody.status, 502, 'nobody is registered');
  const phone = await registeredPhone(t, server, { script: (scenario) => scenario.expectMessage() });
  const { status, body } = await rest.post('/v1/Messages', message);
  equal(
    [status, body],
    [200, { api_no: number, messages: [{ caller_no: no, status: 'sent', error: null }] }],
    'answer',
  );
  equal((await phone.sipp.event('message')).words.join(' '), 'Your table is ready.', 'text on the phone');
  await phone.sipp.succeeded();
  const far = await rest.post('/v1/Messages', { ...message, caller_no: FAR });
  equal(far.status, 501, 'no provider');
});
