/** The tools themselves, proven between programs that are not ours: a failure here is a fault of the tests. */
import { assertHeard, assertNotHeard, findPrompt, LINE_RATE_HZ } from '../lib/audio.ts';
import { Baresip } from '../lib/baresip.ts';
import { until } from '../lib/bounded.ts';
import { equal, ok, rejects } from '../lib/check.ts';
import { murmur } from '../lib/murmur.ts';
import { isTcpPortFree } from '../lib/ports.ts';
import { RtpPeer } from '../lib/rtp-peer.ts';
import { assertContinuous } from '../lib/rtp-received.ts';
import { sdp } from '../lib/sdp.ts';
import { runSipp } from '../lib/sipp.ts';
import { SippScenario } from '../lib/sipp-scenario.ts';
import { test } from '../lib/suite.ts';

test('tools: sipp calls sipp, both hear each other, digits arrive, the callee hangs up', async (t) => {
  const [callerMedia, calleeMedia] = [await RtpPeer.open(t), await RtpPeer.open(t)];
  const callee = new SippScenario({ to: 'sip:callee@test.invalid', from: 'sip:callee@test.invalid', tag: 'b' })
    .expectInvite()
    .reply(180)
    .reply(200, { body: sdp({ ip: '127.0.0.1', port: calleeMedia.port }) })
    .expectAck()
    .pause(3_000)
    .bye();
  const caller = new SippScenario({ to: 'sip:callee@test.invalid', from: 'sip:caller@test.invalid', tag: 'a' })
    .invite(sdp({ ip: '127.0.0.1', port: callerMedia.port }))
    .ringing()
    .answered()
    .ack()
    .expectBye();
  const uas = await runSipp(t, callee, { remote: '127.0.0.1:9', name: 'callee' });
  const uac = await runSipp(t, caller, { remote: `127.0.0.1:${uas.localPort}`, name: 'caller' });
  const [, calleePort] = (await uac.event('media')).words;
  const [, callerPort] = (await uas.event('media')).words;
  equal(Number(calleePort), calleeMedia.port, 'media port told by the caller');
  equal(Number(callerPort), callerMedia.port, 'media port told by the callee');
  callerMedia.start('127.0.0.1', calleeMedia.port);
  calleeMedia.start('127.0.0.1', callerMedia.port);
  const [first, second] = [murmur(1, 600), murmur(2, 500)];
  await calleeMedia.say(first.samples);
  await calleeMedia.say(second.samples);
  await callerMedia.press('7', { faults: { drop: [1], duplicate: [2] } });
  await Promise.all([uac.succeeded(), uas.succeeded()]);
  assertHeard(callerMedia.heard(), [first, second]);
  assertContinuous(callerMedia.continuity());
  const events = calleeMedia.packets.filter((packet) => packet.payloadType === 101);
  equal(events.length, 7, 'event packets of a 100 ms key, one lost, one doubled');
  equal(events[0]?.payload[0], 7, 'the key');
  ok(
    uac.messages().some((message) => message.firstLine.startsWith('BYE')),
    'the trace shows the BYE',
  );
});

test('tools: the listener tells sentences apart', async () => {
  const [said, other] = [murmur(3, 800), murmur(4, 800)];
  const heard = new Int16Array(LINE_RATE_HZ * 3);
  heard.set(said.samples, 4_321);
  equal(findPrompt(heard, said.samples).offset, 4_321, 'place of the prompt');
  assertHeard(heard, [said]);
  assertNotHeard(heard, other);
  await rejects(async () => assertHeard(heard, [other]), /was not heard/);
  await rejects(async () => assertHeard(heard, [said, said]), /was not heard/);
  heard.set(other.samples, 14_000);
  await rejects(async () => assertHeard(heard, [said]), /something else was heard from 1[67]\d\d ms/);
  assertHeard(heard, [said, other]);
});

test('tools: a call that is refused or given up', async (t) => {
  const refusing = new SippScenario({ to: 'sip:b@test.invalid', from: 'sip:b@test.invalid', tag: 'b' })
    .expectInvite()
    .reply(486)
    .expectAck({ established: false });
  const refused = new SippScenario({ to: 'sip:b@test.invalid', from: 'sip:a@test.invalid', tag: 'a' })
    .invite(sdp({ ip: '127.0.0.1', port: 9 }))
    .provisionals()
    .rejected(486);
  const busy = await runSipp(t, refusing, { remote: '127.0.0.1:9', name: 'busy' });
  await (await runSipp(t, refused, { remote: `127.0.0.1:${busy.localPort}`, name: 'refused' })).succeeded();
  await busy.succeeded();

  const ringing = new SippScenario({ to: 'sip:b@test.invalid', from: 'sip:b@test.invalid', tag: 'b' })
    .expectInvite()
    .reply(180)
    .expectCancel();
  const givingUp = new SippScenario({ to: 'sip:b@test.invalid', from: 'sip:a@test.invalid', tag: 'a' })
    .invite(sdp({ ip: '127.0.0.1', port: 9 }))
    .ringing()
    .pause(200)
    .cancel()
    .rejected(487);
  const phone = await runSipp(t, ringing, { remote: '127.0.0.1:9', name: 'ringing' });
  await (await runSipp(t, givingUp, { remote: `127.0.0.1:${phone.localPort}`, name: 'giving-up' })).succeeded();
  await phone.succeeded();
});

test('tools: sipp over TCP', async (t) => {
  const callee = new SippScenario({ to: 'sip:b@test.invalid', from: 'sip:b@test.invalid', tag: 'b' })
    .expectInvite()
    .reply(200, { body: sdp({ ip: '127.0.0.1', port: 9 }) })
    .expectAck()
    .expectBye();
  const caller = new SippScenario({ to: 'sip:b@test.invalid', from: 'sip:a@test.invalid', tag: 'a' })
    .invite(sdp({ ip: '127.0.0.1', port: 9 }))
    .provisionals()
    .answered()
    .ack()
    .pause(200)
    .bye();
  const uas = await runSipp(t, callee, { remote: '127.0.0.1:9', transport: 'tcp', name: 'callee' });
  await until('sipp listens', async () => ((await isTcpPortFree(uas.localPort)) ? undefined : true), 10_000);
  const uac = await runSipp(t, caller, { remote: `127.0.0.1:${uas.localPort}`, transport: 'tcp', name: 'caller' });
  await Promise.all([uac.succeeded(), uas.succeeded()]);
});

test('tools: baresip calls sipp, hears it, presses a key, is hung up', async (t) => {
  const media = await RtpPeer.open(t);
  const callee = new SippScenario({ to: 'sip:b@test.invalid', from: 'sip:b@test.invalid', tag: 'b' })
    .expectInvite()
    .reply(180)
    .reply(200, { body: sdp({ ip: '127.0.0.1', port: media.port }) })
    .expectAck()
    .pause(3_500)
    .bye();
  const uas = await runSipp(t, callee, { remote: '127.0.0.1:9', name: 'callee' });
  const own = murmur(8, 700);
  const phone = await Baresip.start(t, {
    user: 'alice',
    password: 'none',
    domain: 'test.invalid',
    outbound: `127.0.0.1:${uas.localPort}`,
    speak: own.samples,
  });
  await phone.dial('sip:+12135550100@test.invalid');
  const [ip = '', port = ''] = (await uas.event('media')).words;
  media.start(ip, Number(port));
  await phone.event('CALL_ESTABLISHED');
  const said = murmur(9, 1_500);
  await media.say(said.samples);
  await phone.press('5');
  await phone.event('CALL_CLOSED');
  await uas.succeeded();
  await phone.quit();
  assertHeard(phone.heard(), [said], { inPieces: true });
  assertHeard(media.heard(), [own]);
  const keys = new Set(media.packets.filter((packet) => packet.payloadType === 101).map((packet) => packet.payload[0]));
  equal([...keys], [5], 'keys pressed on the softphone');
});
