/** The process: killed in the middle of a call, drained by Ctrl-C. */
import { assertHeard } from '../lib/audio.ts';
import { until } from '../lib/bounded.ts';
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { equal, matches } from '../lib/check.ts';
import { checkCallLog } from '../lib/contract.ts';
import { actions, collect, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call } from '../lib/phone.ts';
import { prompts } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import { ownServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';

test('kill -9 in the middle of a call: BYE, closed record, end_call after the restart', {
  timeoutMs: 75_000,
}, async (t) => {
  const server = await ownServer(t);
  const earlier = await CallbackServer.open(t, [actions(say('Short.'), hangUp), { status: 200 }]);
  const before = await call(t, server, { to: await newNumber(server, { url: earlier.url }), name: 'earlier' });
  await before.sipp.succeeded();
  const earlierId = String(fieldsOf(await earlier.first('end_call')).call_id);
  const rest = new Rest(server);
  const earlierLog = await rest.callLog(earlierId);

  const sessionData = { stage: 3 };
  const user = await CallbackServer.open(t, [
    actions(
      { type: 'SESSIONDATA', session_data: sessionData },
      say('Stay.'),
      collect('k', { num_digits: 9, timeout: 60_000 }),
    ),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, {
    to: number,
    name: 'killed',
    timeoutMs: 60_000,
    afterAck: (s) => s.expectBye(45_000),
  });
  const start = await phone.media.waitForSpeech();
  const [stay] = await prompts('Stay.');
  await phone.media.waitForHeard(start + (stay?.samples.length ?? 0) + 4_000);
  await phone.media.press('4');
  await phone.media.waitForHeard(start + (stay?.samples.length ?? 0) + 12_000);
  await server.kill9();
  equal(
    phone.sipp.events().some(({ name }) => name === 'bye'),
    false,
    'no BYE before the restart',
  );
  await server.start();
  await phone.sipp.succeeded();
  const end = fieldsOf(await user.first('end_call'));
  equal(end.key_presses, [{ name: 'k', digits: '4' }], 'keys pressed before the crash');
  equal(end.session_data, sessionData, 'session data set before the crash');
  const callId = String(end.call_id);
  checkCallLog(await rest.callLog(callId), {
    callId,
    direction: 'inbound',
    callerNo: server.quickstart.sip_user_no,
    apiNo: number,
    status: 'failed',
    hangupEnd: 'api',
    connectTimeSec: [1, 60],
    error: /./,
  });
  equal(await rest.callLog(earlierId), earlierLog, 'the record of the call before');
  equal(user.ofType('end_call').length, 1, 'end_call requests');
  const after = await call(t, server, { to: server.quickstart.number, name: 'after' });
  await after.sipp.succeeded();
  assertHeard(after.media.heard(), await prompts('Hello, world.'));
});

test('Ctrl-C drains: the live call is heard to its end, new ones are refused', { timeoutMs: 60_000 }, async (t) => {
  const server = await ownServer(t);
  const sentence = 'This call began before the end and may finish what it has to say.';
  const user = await CallbackServer.open(t, [actions(say(sentence), hangUp), { status: 200 }]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, { to: number, name: 'live' });
  await phone.media.waitForSpeech();
  server.interrupt();
  const late = await call(t, server, {
    to: server.quickstart.number,
    name: 'late',
    timeoutMs: 4_000,
    script: (scenario, offer) => scenario.invite(offer).provisionals().rejected(503),
  });
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts(sentence));
  await late.sipp.ended();
  const answers = late.sipp.messages().filter(({ sent, firstLine }) => !sent && firstLine.startsWith('SIP/2.0 2'));
  equal(answers.length, 0, 'a new call was answered while draining');
  equal(await server.ended(20_000), 0, 'exit code');
  const callId = String(fieldsOf(await user.first('end_call')).call_id);
  await server.start();
  const log = await new Rest(server).callLog(callId);
  equal([log.status, log.hangup_end, log.error], ['completed', 'api', null], 'the row written before the end');
});

test('a second Ctrl-C stops at once', { timeoutMs: 50_000 }, async (t) => {
  const server = await ownServer(t);
  const user = await CallbackServer.open(t, actions(collect('k', { num_digits: 9, timeout: 60_000 })));
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, { to: number, timeoutMs: 40_000 });
  await phone.sipp.event('answered');
  server.interrupt();
  await until('the server drains', () => server.output().includes('No new calls') || undefined, 10_000);
  server.interrupt();
  // Well under the twenty seconds that live calls are given.
  equal(await server.ended(10_000), 130, 'exit code');
  phone.sipp.kill();
});

test('start: a wrong flag is named with what is allowed', { timeoutMs: 40_000 }, async (t) => {
  const failure = await ownServer(t, { flags: ['--rtp', '127.0.0.1:70000-80000'] }).then(
    () => '',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  matches(failure, /rtp/i, 'the setting is named');
  matches(failure, /65535/, 'the allowed range is named');
});
