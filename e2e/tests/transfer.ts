/** TRANSFER: a second party on the line, heard both ways, until either goes, or the server. */
import { assertHeard } from '../lib/audio.ts';
import { fieldsOf } from '../lib/callback-server.ts';
import { equal, matches, ok } from '../lib/check.ts';
import { collect, hangUp, say } from '../lib/flow.ts';
import { numberRunning } from '../lib/numbers.ts';
import { call, registeredPhone } from '../lib/phone.ts';
import { freePort } from '../lib/ports.ts';
import { prompts } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import { RtpPeer } from '../lib/rtp-peer.ts';
import { assertContinuous } from '../lib/rtp-received.ts';
import { sdp } from '../lib/sdp.ts';
import { ownServer, sharedServer, TRUNK_IP } from '../lib/shared-server.ts';
import { runSipp } from '../lib/sipp.ts';
import { SippScenario } from '../lib/sipp-scenario.ts';
import { test } from '../lib/suite.ts';
import { tone } from '../lib/tones.ts';
import {
  assertBothHeard,
  CALLER_HZ,
  caller,
  ended,
  FAR,
  FAR_HZ,
  farEnd,
  outcomeOf,
  pickUpUntilTold,
  remember,
  speak,
  transfer,
} from '../lib/transfer-parties.ts';

test('transfer: both hear each other; when the far side hangs up the flow goes on', { uses: ['trunk'] }, async (t) => {
  const server = await sharedServer();
  const { user, number } = await numberRunning(t, server, [
    transfer({ no: FAR }),
    remember,
    say('The other side has hung up.'),
    hangUp,
  ]);
  const far = await farEnd(t, pickUpUntilTold);
  const near = await caller(t, server, number);
  await assertBothHeard(near.media, far.media);
  await far.sipp.tell();
  await ended(far, near);
  assertHeard(near.media.heard(), await prompts('The other side has hung up.'), { allowOther: true });
  assertContinuous(near.media.continuity(far.media));
  const end = fieldsOf(await user.first('end_call'));
  equal(end.session_data, { outcome: 'completed', who: FAR }, 'what the flow knows of it');
  const invite = far.sipp.messages().find(({ firstLine }) => firstLine.startsWith('INVITE'));
  ok(invite?.text.includes(`From: <sip:${server.quickstart.sip_user_no}@`), 'the far side sees the caller');
  matches(invite?.text, /m=audio \d+ RTP\/AVP 0 /, 'the codec of the call is offered first');
  const log = await new Rest(server).flowLogText(String(end.call_id));
  for (const what of ['transfer', 'transfer_progress', 'transfer_answered', 'transfer_ended', 'session_ended']) {
    ok(log.includes(`"${what}"`), `${what} is in the event log`);
  }
});

test('transfer: to a registered phone of ours, from a carrier', { uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const { user, number } = await numberRunning(t, server, [
    { type: 'ANSWER' },
    transfer({ no: server.quickstart.sip_user }),
    remember,
    hangUp,
  ]);
  const far = await registeredPhone(t, server, { script: pickUpUntilTold });
  void far.media.say(tone(FAR_HZ, 25_000));
  const media = await RtpPeer.open(t);
  const scenario = new SippScenario({ to: `sip:${number}@127.0.0.1`, from: `sip:${FAR}@carrier.invalid`, tag: 'n' })
    .invite(sdp({ ip: '127.0.0.1', port: media.port }))
    .provisionals()
    .answered()
    .ack()
    .expectBye();
  const { sip_address: remote } = server.quickstart;
  const sipp = await runSipp(t, scenario, { remote, localIp: TRUNK_IP, name: 'near' });
  speak(sipp, media, CALLER_HZ);
  await assertBothHeard(media, far.media);
  await far.sipp.tell();
  await ended(far, { sipp });
  equal(await outcomeOf(user), { outcome: 'completed', who: server.quickstart.sip_user }, 'outcome');
});

test('transfer: several at once, the first that answers is connected', { uses: ['trunk', 'sip-user'] }, async (t) => {
  const server = await sharedServer();
  const { user, number } = await numberRunning(t, server, [
    transfer({ no: [FAR, server.quickstart.sip_user] }),
    remember,
    hangUp,
  ]);
  const slow = await farEnd(t, (phone) => phone.expectInvite().reply(180).expectCancel());
  const far = await registeredPhone(t, server, { script: pickUpUntilTold });
  void far.media.say(tone(FAR_HZ, 25_000));
  const near = await caller(t, server, number);
  await assertBothHeard(near.media, far.media);
  await far.sipp.tell();
  await ended(far, near, slow);
  equal(await outcomeOf(user), { outcome: 'completed', who: server.quickstart.sip_user }, 'outcome');
});

test('transfer: one after the other, and no longer than max_time', { uses: ['trunk', 'sip-user'] }, async (t) => {
  const server = await sharedServer();
  const { user, number } = await numberRunning(t, server, [
    transfer({ no: [FAR, server.quickstart.sip_user], order: 'sequential', max_time: 4_000 }),
    remember,
    say('Time is up.'),
    hangUp,
  ]);
  const busy = await farEnd(t, (phone) => phone.expectInvite().reply(486).expectAck({ established: false }), {
    isSilent: true,
  });
  const far = await registeredPhone(t, server, {
    script: (phone, answer) => phone.expectInvite().reply(200, { body: answer }).expectAck().expectBye(),
  });
  void far.media.say(tone(FAR_HZ, 25_000));
  const near = await caller(t, server, number);
  await assertBothHeard(near.media, far.media);
  await ended(busy, far, near);
  assertHeard(near.media.heard(), await prompts('Time is up.'), { allowOther: true });
  equal(await outcomeOf(user), { outcome: 'completed', who: server.quickstart.sip_user }, 'outcome');
});

test('transfer: the caller hangs up, and so is the far side', { uses: ['trunk'] }, async (t) => {
  const server = await sharedServer();
  const { user, number } = await numberRunning(t, server, [transfer({ no: FAR }), hangUp]);
  const far = await farEnd(t, (phone, answer) =>
    phone.expectInvite().reply(200, { body: answer }).expectAck().expectBye(),
  );
  const near = await caller(t, server, number, (phone) => phone.untilTold().bye());
  await assertBothHeard(near.media, far.media);
  await near.sipp.tell();
  await ended(far, near);
  equal(fieldsOf(await user.first('end_call')).status, 'completed', 'status');
});

test('transfer: hold and resume, * ends it, keys go to the far side', { uses: ['trunk'] }, async (t) => {
  const server = await sharedServer();
  const { user, number } = await numberRunning(t, server, [
    transfer({ no: FAR, hangup_on_star: true }),
    remember,
    collect('after', { num_digits: 1, timeout: 5_000 }),
    hangUp,
  ]);
  const far = await farEnd(t, (phone, answer) =>
    phone.expectInvite().reply(200, { body: answer }).expectAck().expectBye(),
  );
  const media = await RtpPeer.open(t);
  const body = (direction: 'sendonly' | 'sendrecv', version: number) =>
    sdp({ ip: '127.0.0.1', port: media.port, direction, version });
  const near = await call(t, server, {
    to: number,
    media: { port: media.port },
    sendMedia: false,
    script: (phone, offer) =>
      phone
        .invite(offer)
        .provisionals()
        .answered()
        .ack()
        .pause(2_000)
        .reinvite(body('sendonly', 2))
        .pause(500)
        .reinvite(body('sendrecv', 3))
        .expectBye(),
  });
  speak(near.sipp, media, CALLER_HZ);
  await near.sipp.event('reinvited', 15_000, 2);
  await assertBothHeard(media, far.media);
  const speaking = media;
  speaking.hush();
  await speaking.pressAll('5');
  await far.media.waitForEvent(5);
  await speaking.pressAll('*');
  await far.sipp.succeeded();
  await speaking.pressAll('7');
  await near.sipp.succeeded();
  const end = fieldsOf(await user.first('end_call'));
  equal(end.session_data, { outcome: 'completed', who: FAR }, 'outcome');
  equal(end.key_presses, [{ name: 'after', digits: '7' }], 'keys of the COLLECT that follows');
});

test('transfer: kill -9 in the middle: after the restart both parties get a BYE', { timeoutMs: 60_000 }, async (t) => {
  const port = await freePort();
  const server = await ownServer(t, {
    config: { trunks: [{ name: 'carrier', target: `sip:127.0.0.1:${port}`, allow_from: [`${TRUNK_IP}/32`] }] },
  });
  const { number } = await numberRunning(t, server, [transfer({ no: FAR }), hangUp]);
  const script = (phone: SippScenario, answer: string) =>
    phone.expectInvite().reply(200, { body: answer }).expectAck().expectBye(40_000);
  const far = await farEnd(t, script, { port });
  const near = await call(t, server, {
    to: number,
    timeoutMs: 50_000,
    afterAck: (phone) => phone.expectBye(40_000),
  });
  await near.sipp.event('answered');
  await far.sipp.event('acked');
  // The dialogs reach the disk within moments of the answer.
  await near.media.waitForHeard(8_000);
  await server.kill9();
  await server.start();
  await ended(near, far);
});
