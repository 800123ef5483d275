/** Outbound calls that are not answered, are limited, or end oddly. */
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { between, equal, matches, ok } from '../lib/check.ts';
import { checkCallLog } from '../lib/contract.ts';
import { actions, collect, hangUp, say } from '../lib/flow.ts';
import { testOfUnanswered, UNANSWERED } from '../lib/life-of-a-call.ts';
import { newNumber } from '../lib/numbers.ts';
import { registeredPhone } from '../lib/phone.ts';
import { Rest } from '../lib/rest.ts';
import { sharedServer } from '../lib/shared-server.ts';
import type { SippScenario } from '../lib/sipp-scenario.ts';
import { test } from '../lib/suite.ts';

const refuse = (status: number) => (callee: SippScenario) =>
  callee.expectInvite().reply(180).pause(200).reply(status).expectAck({ established: false });

const ringOn = (callee: SippScenario) => callee.expectInvite().reply(180).expectCancel();

for (const unanswered of UNANSWERED) {
  const { response, timeoutSec, status, hangupEnd, error } = unanswered;
  test(testOfUnanswered(unanswered), { uses: ['sip-user'] }, async (t) => {
    const server = await sharedServer();
    const user = await CallbackServer.open(t, { status: 200 });
    const number = await newNumber(server, { url: user.url });
    const script = response === null ? ringOn : refuse(response);
    const phone = await registeredPhone(t, server, { script });
    const rest = new Rest(server);
    const callId = await rest.makeCall({
      call: { no: server.quickstart.sip_user_no, caller_id_no: number },
      timeout: timeoutSec,
    });
    await phone.sipp.succeeded();
    const end = fieldsOf(await user.first('end_call'));
    equal(end.status, status, 'status of the end_call');
    equal(user.requests.length, 1, 'callbacks of a call that nobody answered');
    checkCallLog(await rest.callLog(callId), {
      callId,
      direction: 'outbound',
      callerNo: server.quickstart.sip_user_no,
      apiNo: number,
      status,
      hangupEnd,
      connectTimeSec: [0, 0],
      error,
    });
  });
}

test('outbound to a user who is not registered: no-answer', { uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, { status: 200 });
  const number = await newNumber(server, { url: user.url });
  const rest = new Rest(server);
  const callId = await rest.makeCall({ call: { no: server.quickstart.sip_user_no, caller_id_no: number }, timeout: 2 });
  const log = await rest.callLog(callId);
  equal(log.status, 'no-answer', 'status');
  await user.first('end_call');
});

test('outbound: an answer that crosses our CANCEL is hung up, canceled', { uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, { status: 200 });
  const number = await newNumber(server, { url: user.url });
  const phone = await registeredPhone(t, server, {
    // The CANCEL is lost, so the phone answers a call that was given up.
    rule: (toServer, firstLine) => (!toServer && firstLine.startsWith('CANCEL') ? { copies: 0 } : undefined),
    script: (callee, answer) =>
      callee.expectInvite().reply(180).pause(3_000).reply(200, { body: answer }).expectAck().expectBye(5_000),
  });
  const rest = new Rest(server);
  const callId = await rest.makeCall({ call: { no: server.quickstart.sip_user_no, caller_id_no: number }, timeout: 2 });
  await phone.sipp.succeeded();
  equal((await rest.callLog(callId)).status, 'canceled', 'status');
  equal(user.ofType('init_call').length, 0, 'the flow did not run');
});

test('outbound: max_call_time ends the call', { uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [
    actions(collect('never', { num_digits: 9, timeout: 60_000 })),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await registeredPhone(t, server, {
    script: (callee, answer) => callee.expectInvite().reply(200, { body: answer }).expectAck().expectBye(20_000),
  });
  const rest = new Rest(server);
  const callId = await rest.makeCall({
    call: { no: server.quickstart.sip_user_no, caller_id_no: number },
    max_call_time: 2_000,
  });
  await phone.sipp.succeeded();
  const log = await rest.callLog(callId);
  equal([log.status, log.hangup_end], ['completed', 'api'], 'status and hangup_end');
  between(log.connect_time_sec, 2, 5, 'connect_time_sec');
});

test('outbound: the phone hangs up', { uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [
    actions(say('This sentence will not be heard to its end by you.'), hangUp),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await registeredPhone(t, server, {
    script: (callee, answer) => callee.expectInvite().reply(200, { body: answer }).expectAck().pause(700).bye(),
  });
  const rest = new Rest(server);
  const callId = await rest.makeCall({ call: { no: server.quickstart.sip_user_no, caller_id_no: number } });
  await phone.sipp.succeeded();
  const log = await rest.callLog(callId);
  equal([log.status, log.hangup_end], ['completed', 'caller'], 'status and hangup_end');
  equal(fieldsOf(await user.first('end_call')).status, 'completed', 'status of the end_call');
});

test('outbound: Make Call refuses what it cannot do', async () => {
  const server = await sharedServer();
  const rest = new Rest(server);
  const { sip_user_no: no, number } = server.quickstart;
  for (const [what, body, status] of [
    ['no body field', {}, 400],
    ['a caller id that is not ours', { call: { no, caller_id_no: '+12125550199' } }, 400],
    ['an emergency number', { call: { no: '911', caller_id_no: number } }, 400],
  ] as const) {
    const answer = await rest.post('/v1/Dials/Connect', body);
    ok(answer.status >= status && answer.status < 500, `${what}: ${answer.status} is a client error`);
    matches(answer.body.message, /./, `${what}: message`);
  }
});
