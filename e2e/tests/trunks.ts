/** Calls from and to a carrier, and calls that stay in the house. */
import { assertHeard } from '../lib/audio.ts';
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { equal } from '../lib/check.ts';
import type { TestContext } from '../lib/context.ts';
import { actions, collect, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { prompts } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import { RtpPeer } from '../lib/rtp-peer.ts';
import { sdp } from '../lib/sdp.ts';
import { sharedServer, TRUNK_IP, TRUNK_PORT } from '../lib/shared-server.ts';
import { runSipp, type SippRun } from '../lib/sipp.ts';
import { SippScenario } from '../lib/sipp-scenario.ts';
import { test } from '../lib/suite.ts';

const STRANGER = '+13105550142';

function startMedia(sipp: SippRun, media: RtpPeer): Promise<void> {
  return sipp.event('media').then(({ words: [ip = '', port = ''] }) => media.start(ip, Number(port)));
}

test('trunk: a call from the carrier’s address needs no password', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [actions(say('Welcome, stranger.'), hangUp), { status: 200 }]);
  const number = await newNumber(server, { url: user.url });
  const media = await RtpPeer.open(t);
  const scenario = new SippScenario({
    to: `sip:${number}@127.0.0.1`,
    from: `sip:${STRANGER}@carrier.invalid`,
    tag: 'k',
  })
    .invite(sdp({ ip: '127.0.0.1', port: media.port }))
    .provisionals()
    .answered()
    .ack()
    .expectBye();
  const sipp = await runSipp(t, scenario, {
    remote: server.quickstart.sip_address,
    localIp: TRUNK_IP,
    name: 'carrier',
  });
  await startMedia(sipp, media);
  await sipp.succeeded();
  assertHeard(media.heard(), await prompts('Welcome, stranger.'));
  const init = fieldsOf(await user.first('init_call'));
  equal(init.caller_no, STRANGER, 'caller_no');
  equal(
    [init.caller_no_region, init.caller_no_country, init.caller_no_timezone],
    ['CA', 'US', 'America/Los_Angeles'],
    'place of the caller',
  );
  equal(init.sip_forwarded_for, TRUNK_IP, 'sip_forwarded_for');
});

function carrierPhone(t: TestContext, answerPort: number): Promise<SippRun> {
  const scenario = new SippScenario({ to: 'sip:carrier@127.0.0.1', from: 'sip:carrier@127.0.0.1', tag: 'm' })
    .expectInvite()
    .reply(180)
    .reply(200, { body: sdp({ ip: '127.0.0.1', port: answerPort }) })
    .expectAck()
    .expectBye();
  return runSipp(t, scenario, { remote: '127.0.0.1:9', localPort: TRUNK_PORT, name: 'carrier' });
}

test('trunk: numbers that are not ours are called through the carrier', { uses: ['trunk'] }, async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [actions(say('This is a call for you.'), hangUp), { status: 200 }]);
  const number = await newNumber(server, { url: user.url });
  const media = await RtpPeer.open(t);
  const sipp = await carrierPhone(t, media.port);
  const rest = new Rest(server);
  const callId = await rest.makeCall({ call: { no: STRANGER, caller_id_no: number }, timeout: 10 });
  await startMedia(sipp, media);
  await sipp.succeeded();
  assertHeard(media.heard(), await prompts('This is a call for you.'));
  const invite = sipp.messages().find(({ firstLine }) => firstLine.startsWith('INVITE'));
  equal(invite?.firstLine.includes(`sip:${STRANGER}@`), true, 'the number is in the Request-URI');
  equal(/^From:.*$/im.exec(invite?.text ?? '')?.[0].includes(number), true, 'the caller id is in From');
  const log = await rest.callLog(callId);
  equal([log.caller_no, log.api_no, log.status], [STRANGER, number, 'completed'], 'log');
});

test('on-net: Make Call to a number of our own runs both flows', async (t) => {
  const server = await sharedServer();
  const callee = await CallbackServer.open(t, [actions(say('You reached us.'), hangUp), { status: 200 }]);
  const caller = await CallbackServer.open(t, [
    actions(collect('k', { num_digits: 1, timeout: 20_000 })),
    { status: 200 },
  ]);
  const [no, callerIdNo] = [await newNumber(server, { url: callee.url }), await newNumber(server, { url: caller.url })];
  const rest = new Rest(server);
  const callId = await rest.makeCall({ call: { no, caller_id_no: callerIdNo }, timeout: 10 });
  const inbound = fieldsOf(await callee.first('end_call'));
  const outbound = fieldsOf(await caller.first('end_call'));
  equal([inbound.direction, inbound.caller_no, inbound.api_no], ['inbound', callerIdNo, no], 'the called side');
  equal([outbound.direction, outbound.caller_no, outbound.api_no], ['outbound', no, callerIdNo], 'the calling side');
  equal(outbound.call_id, callId, 'call_id');
  equal((await rest.callLog(String(inbound.call_id))).hangup_end, 'api', 'the called side hung up');
  equal((await rest.callLog(callId)).hangup_end, 'caller', 'the calling side was hung up on');
});
