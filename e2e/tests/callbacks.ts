/** What the user's server is asked, field by field, and what the call's logs say afterwards. */
import { assertHeard, LINE_RATE_HZ } from '../lib/audio.ts';
import { CallbackServer } from '../lib/callback-server.ts';
import { equal, matches, ok } from '../lib/check.ts';
import { checkCallbackBody, checkCallLog } from '../lib/contract.ts';
import { actions, afterPrompt, collect, fill, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call, registeredPhone } from '../lib/phone.ts';
import { prompt, prompts } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

const SESSION = { gender: 'female', age: 37, isNice: true, nothing: null, list: [1, 'two'], deep: { x: 1.5 } };

test('callbacks: POST, init_call, live_call and end_call of an inbound call field by field', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [
    actions({ type: 'SESSIONDATA', session_data: SESSION }, collect('pin', { num_digits: 2 }, say('Your pin please.'))),
    actions(collect('one', { num_digits: 1, timeout: 400 }), say(`You typed ${fill('keyPresses')}.`), hangUp),
    { status: 200 },
  ]);
  const customData = { tenant: 7, plan: 'gold', nested: { on: true } };
  const number = await newNumber(server, { url: `${user.url}/flow`, customData });
  const phone = await call(t, server, { to: number });
  await afterPrompt(phone.media, await prompt('Your pin please.'));
  await phone.media.pressAll('42');
  const end = await user.first('end_call');
  await phone.sipp.succeeded();
  equal(user.requests.length, 3, 'callbacks of the call');
  const shared = { direction: 'inbound', callerNo: server.quickstart.sip_user_no, apiNo: number, customData } as const;
  const live = await user.first('live_call');
  const first = checkCallbackBody((await user.first('init_call')).json, {
    ...shared,
    type: 'init_call',
    status: 'live-ringing',
    keyPresses: [],
    sessionData: null,
  });
  checkCallbackBody(live.json, {
    ...shared,
    type: 'live_call',
    status: 'live-in-progress',
    keyPresses: [{ name: 'pin', digits: '42' }],
    sessionData: SESSION,
  });
  const last = checkCallbackBody(end.json, {
    ...shared,
    type: 'end_call',
    status: 'completed',
    // Nothing was pressed in the second COLLECT: its entry is there all the same.
    keyPresses: [{ name: 'one', digits: '' }],
    sessionData: SESSION,
  });
  for (const request of user.requests) {
    equal(request.method, 'POST', 'method');
    equal(request.path, '/flow', 'path');
    matches(request.headers['content-type'], /^application\/json/, 'content-type');
  }
  equal(last.call_id, first.call_id, 'call_id stays');
  equal(last.start_time, first.start_time, 'start_time stays');
  equal(last.sip_domain, server.quickstart.sip_domain, 'sip_domain');

  const callId = String(first.call_id);
  const rest = new Rest(server);
  const log = await rest.callLog(callId);
  const common = { callId, callerNo: shared.callerNo, apiNo: number, direction: 'inbound' } as const;
  checkCallLog(log, { ...common, status: 'completed', hangupEnd: 'api', connectTimeSec: [2, 20] });
  equal(log.duration, last.duration, 'duration of log and end_call');
  equal(log.app_id, first.app_id, 'app_id of log and callback');
  const loop = await rest.flowLogText(callId);
  for (const fact of ['init_call', 'live_call', 'end_call', 'Your pin please.', `You typed ${fill('keyPresses')}.`]) {
    ok(loop.includes(JSON.stringify(fact).slice(1, -1)), `the callback log tells '${fact}'`);
  }
});

test('callbacks: GET carries the fields in the query string', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [
    actions(
      { type: 'SESSIONDATA', session_data: { age: 19, deep: { x: 'y' } } },
      collect('k', { num_digits: 1, timeout: 6_000 }),
    ),
    actions(hangUp),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: `${user.url}/get?mine=1`, method: 'GET', customData: { a: 'b' } });
  const phone = await call(t, server, { to: number });
  await phone.media.waitForHeard(LINE_RATE_HZ / 4);
  await phone.media.press('9');
  await phone.sipp.succeeded();
  const [init, live, end] = await user.waitFor(3);
  for (const request of [init, live, end]) {
    equal(request?.method, 'GET', 'method');
    equal(request?.bodyText, '', 'body');
    equal(request?.query.get('mine'), '1', 'the URL’s own query stays');
    equal(request?.query.get('api_no'), number, 'api_no');
    equal(request?.query.get('caller_no'), server.quickstart.sip_user_no, 'caller_no');
    equal(request?.query.get('direction'), 'inbound', 'direction');
    equal(request?.query.get('custom_data[a]'), 'b', 'custom_data[a]');
  }
  equal(
    [init, live, end].map((request) => request?.query.get('type')),
    ['init_call', 'live_call', 'end_call'],
    'types',
  );
  equal(live?.query.get('key_presses[0][name]'), 'k', 'key_presses[0][name]');
  equal(live?.query.get('key_presses[0][digits]'), '9', 'key_presses[0][digits]');
  equal(live?.query.get('session_data[age]'), '19', 'session_data[age]');
  equal(live?.query.get('session_data[deep][x]'), 'y', 'session_data[deep][x]');
  equal(end?.query.get('key_presses[0][digits]') ?? null, null, 'key presses are since the last callback');
});

test('callbacks: an outbound call, its session data and the log', { uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [
    actions(say(`Hello, ${fill('sessionData.deep.name')}.`), hangUp),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await registeredPhone(t, server, {
    script: (callee, answer) =>
      callee.expectInvite().reply(180).pause(500).reply(200, { body: answer }).expectAck().expectBye(),
  });
  const sessionData = { ...SESSION, deep: { name: 'Ada' } };
  const callId = await new Rest(server).makeCall({
    call: { no: server.quickstart.sip_user_no, caller_id_no: number },
    session_data: sessionData,
    timeout: 20,
    max_call_time: 60_000,
  });
  equal(user.requests.length, 0, 'no callback before the answer');
  await phone.sipp.succeeded();
  const shared = {
    direction: 'outbound',
    callerNo: server.quickstart.sip_user_no,
    apiNo: number,
    customData: null,
    keyPresses: [] as unknown[],
    sessionData,
  } as const;
  const init = checkCallbackBody((await user.first('init_call')).json, {
    ...shared,
    type: 'init_call',
    status: 'live-in-progress',
  });
  checkCallbackBody((await user.first('end_call')).json, { ...shared, type: 'end_call', status: 'completed' });
  equal(init.call_id, callId, 'call_id of the callback and of Make Call');
  assertHeard(phone.media.heard(), await prompts('Hello, Ada.'));
  const { callerNo, apiNo, direction } = shared;
  const connectTimeSec: [number, number] = [1, 10];
  checkCallLog(await new Rest(server).callLog(callId), {
    ...{ callId, callerNo, apiNo, direction, connectTimeSec },
    status: 'completed',
    hangupEnd: 'api',
  });
});

test('callbacks: REDIRECT asks another URL, the configured one is asked again after', async (t) => {
  const server = await sharedServer();
  const other = await CallbackServer.open(t, actions(say('You were redirected.')));
  const user = await CallbackServer.open(t, [
    actions({ type: 'REDIRECT', params: { url: `${other.url}/there`, method: 'POST' } }),
    actions(hangUp),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, { to: number });
  await phone.sipp.succeeded();
  await user.first('end_call');
  equal(other.requests.length, 1, 'requests of the redirected URL');
  equal(other.ofType('live_call').length, 1, 'it is a live_call');
  equal(user.requests.length, 3, 'requests of the configured URL');
  assertHeard(phone.media.heard(), await prompts('You were redirected.'));
});

test('callbacks: answer_on_ring answers before the first callback is answered', async (t) => {
  const server = await sharedServer();
  const answered = Promise.withResolvers<void>();
  const user = await CallbackServer.open(t, [
    { ...actions(say('Here I am.'), hangUp), after: answered.promise },
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url, answerOnRing: 1 });
  const phone = await call(t, server, { to: number });
  await phone.sipp.event('answered');
  await user.first('init_call');
  answered.resolve();
  await phone.sipp.succeeded();
  equal(
    phone.sipp.events().some(({ name }) => name === 'ringing'),
    false,
    'a 180 was sent',
  );
  assertHeard(phone.media.heard(), await prompts('Here I am.'));
});
