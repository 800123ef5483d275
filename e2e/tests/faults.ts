/** The user's server fails in every way there is; the caller goes away at every moment. */
import { assertHeard } from '../lib/audio.ts';
import { type Answer, CallbackServer, fieldsOf, refusingUrl } from '../lib/callback-server.ts';
import { equal, matches, ok } from '../lib/check.ts';
import { actions, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { prompts } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import { APOLOGY, sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

interface Fault {
  name: string;
  answer: Answer;
  /** What the call's log must tell. */
  told: RegExp;
  /** Longest time until the hang-up. */
  withinMs: number;
}

const FAULTS: Fault[] = [
  { name: 'answers 500', answer: { status: 500 }, told: /500/, withinMs: 15_000 },
  { name: 'answers 404', answer: { status: 404 }, told: /404/, withinMs: 10_000 },
  {
    name: 'closes the connection',
    answer: { reset: true },
    told: /ECONNRESET|closed|hang up|reset|socket/i,
    withinMs: 15_000,
  },
  { name: 'never answers', answer: { hang: true }, told: /no answer within|timed out|timeout/i, withinMs: 25_000 },
  { name: 'sends 10 MB', answer: { bytes: 10 << 20 }, told: /large|limit|size|bytes|MiB/i, withinMs: 15_000 },
  { name: 'sends invalid JSON', answer: { text: '{"actions": [' }, told: /JSON/, withinMs: 10_000 },
  { name: 'sends no actions', answer: { json: { hello: 'world' } }, told: /actions/, withinMs: 10_000 },
];

for (const { name, answer, told, withinMs } of FAULTS) {
  test(`fault: the server ${name}`, { timeoutMs: withinMs + 20_000 }, async (t) => {
    const server = await sharedServer();
    const user = await CallbackServer.open(t, (request) =>
      fieldsOf(request).type === 'end_call' ? { status: 200 } : answer,
    );
    const number = await newNumber(server, { url: user.url });
    const phone = await call(t, server, {
      to: number,
      timeoutMs: withinMs + 12_000,
      script: (scenario, offer) =>
        scenario.invite(offer).provisionals().answered({ timeoutMs: withinMs }).ack().expectBye(12_000),
    });
    await phone.sipp.succeeded();
    assertHeard(phone.media.heard(), await prompts(APOLOGY));
    const end = fieldsOf(await user.first('end_call'));
    const rest = new Rest(server);
    const log = await rest.callLog(String(end.call_id));
    equal(log.hangup_end, 'api', 'hangup_end');
    matches(String(log.error), told, 'the error of the call’s record');
    matches(await rest.flowLogText(String(end.call_id)), told, 'the call’s log tells the fault');
  });
}

test('fault: the server refuses connections, the failover URL is asked', async (t) => {
  const server = await sharedServer();
  const spare = await CallbackServer.open(t, [actions(say('This is the spare server.'), hangUp), { status: 200 }]);
  const number = await newNumber(server, { url: await refusingUrl(), failover: spare.url });
  const phone = await call(t, server, { to: number });
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts('This is the spare server.'));
  const end = fieldsOf(await spare.first('end_call'));
  matches(
    await new Rest(server).flowLogText(String(end.call_id)),
    /ECONNREFUSED|refused/i,
    'the log tells the refusal',
  );
});

test('fault: the server refuses connections and there is no other: the apology', async (t) => {
  const server = await sharedServer();
  const number = await newNumber(server, { url: await refusingUrl() });
  const phone = await call(t, server, { to: number });
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts(APOLOGY));
});

test('fault: one 500 is tried again', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [{ status: 500 }, actions(say('Second try.'), hangUp), { status: 200 }]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, { to: number });
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts('Second try.'));
  equal(user.ofType('init_call').length, 2, 'init_call requests');
});

test('fault: unknown actions are skipped and logged', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [
    actions({ type: 'DANCE', params: { style: 'tango' } }, say('We go on.'), hangUp),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, { to: number });
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts('We go on.'));
  const end = fieldsOf(await user.first('end_call'));
  matches(await new Rest(server).flowLogText(String(end.call_id)), /DANCE/, 'the log names the action');
});

test('fault: an endless loop without media ends the call', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, (request) =>
    fieldsOf(request).type === 'end_call'
      ? { status: 200 }
      : actions({ type: 'LABEL', name: 'again' }, { type: 'GOTO', params: { label: 'again' } }),
  );
  const number = await newNumber(server, { url: user.url, answerOnRing: 1 });
  const phone = await call(t, server, { to: number });
  await phone.sipp.succeeded();
  const end = fieldsOf(await user.first('end_call'));
  matches(await new Rest(server).flowLogText(String(end.call_id)), /loop|steps/i, 'the log tells the loop');
});

test('fault: empty action lists are asked again and given up', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, (request) =>
    fieldsOf(request).type === 'end_call' ? { status: 200 } : actions(),
  );
  const number = await newNumber(server, { url: user.url, answerOnRing: 1 });
  const phone = await call(t, server, { to: number });
  await phone.sipp.succeeded();
  await user.first('end_call');
  equal(user.requests.length, 4, 'three callbacks and the end');
});

test('fault: a callback to an address that is not allowed is refused when it is set', async () => {
  const server = await sharedServer();
  const number = await newNumber(server, { url: 'http://127.0.0.1/' });
  const answer = await new Rest(server).put(`/v1/CallFlows/Configurations/PhoneNumbers/${number}`, {
    callback: { url: 'http://10.0.0.1/' },
  });
  equal(answer.status, 400, 'status');
  matches(answer.body.message, /body\.callback\.url: "10\.0\.0\.1" is not a public address/, 'message');
  matches(answer.body.help, /callbacks\.allow_private/, 'help');
});

test('fault: a redirect that leads to an address that is not allowed is never requested', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, (request) =>
    fieldsOf(request).type === 'end_call' ? { status: 200 } : { redirect: 'http://10.0.0.1/flow' },
  );
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, { to: number });
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts(APOLOGY));
  const end = fieldsOf(await user.first('end_call'));
  matches(await new Rest(server).flowLogText(String(end.call_id)), /not a public address/, 'the log tells why');
});

test('the caller hangs up during a prompt', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [
    actions(say('This is a rather long sentence that the caller will not hear to its very end.'), hangUp),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, { to: number, afterAck: (scenario) => scenario.pause(1_000).bye() });
  await phone.sipp.succeeded();
  const end = fieldsOf(await user.first('end_call'));
  equal(end.status, 'completed', 'status of the end_call');
  const log = await new Rest(server).callLog(String(end.call_id));
  equal([log.status, log.hangup_end], ['completed', 'caller'], 'status and hangup_end');
  const packets = phone.media.packets.length;
  ok(packets > 0, 'media came');
  await new Promise((resolve) => setTimeout(resolve, 300));
  equal(phone.media.packets.length, packets, 'packets 300 ms after the end');
});

test('the caller hangs up during a callback', async (t) => {
  const server = await sharedServer();
  const gone = Promise.withResolvers<void>();
  const user = await CallbackServer.open(t, (request) =>
    fieldsOf(request).type === 'end_call' ? { status: 200 } : { ...actions(say('Too late.')), after: gone.promise },
  );
  const number = await newNumber(server, { url: user.url, answerOnRing: 1 });
  const phone = await call(t, server, { to: number, afterAck: (scenario) => scenario.pause(800).bye() });
  await phone.sipp.succeeded();
  gone.resolve();
  const end = fieldsOf(await user.first('end_call'));
  equal([end.status, end.type], ['completed', 'end_call'], 'status and type');
  const log = await new Rest(server).callLog(String(end.call_id));
  equal(log.hangup_end, 'caller', 'hangup_end');
  equal(user.ofType('end_call').length, 1, 'end_call requests');
});
