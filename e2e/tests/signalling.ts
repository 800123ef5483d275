/** SIP: who may call, how calls are given up, held, offered late, over TCP, over a wire that loses and doubles. */
import { assertHeard } from '../lib/audio.ts';
import { Baresip } from '../lib/baresip.ts';
import { until } from '../lib/bounded.ts';
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { between, equal, matches, ok } from '../lib/check.ts';
import { checkCallLog } from '../lib/contract.ts';
import { actions, collect, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call, quickstartAccount } from '../lib/phone.ts';
import { prompts } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import { assertContinuous } from '../lib/rtp-received.ts';
import { sdp } from '../lib/sdp.ts';
import { ownServer, sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import type { WireRule } from '../lib/wire.ts';

const UNKNOWN_NO = '+12125559999';

test('register: a phone that knows only MD5 registers and calls without help', { uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const { user, password } = quickstartAccount(server);
  const { sip_domain: domain, sip_address: outbound, number } = server.quickstart;
  const phone = await Baresip.start(t, { user, password, domain, outbound, register: true });
  await phone.dial(`sip:${number}@${domain}`);
  await phone.event('CALL_ESTABLISHED');
  await phone.event('CALL_CLOSED');
  await phone.quit();
  assertHeard(phone.heard(), await prompts('Hello, world.'), { inPieces: true });
});

test('the caller gives up before the answer: 487, canceled, end_call', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, (request) =>
    fieldsOf(request).type === 'end_call' ? { status: 200 } : { ...actions(hangUp), delayMs: 4_000 },
  );
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, {
    to: number,
    script: (scenario, offer) => scenario.invite(offer).ringing().pause(500).cancel().rejected(487),
  });
  await phone.sipp.succeeded();
  const end = fieldsOf(await user.first('end_call'));
  equal(end.status, 'canceled', 'status of the end_call');
  const callId = String(end.call_id);
  checkCallLog(await new Rest(server).callLog(callId), {
    callId,
    direction: 'inbound',
    callerNo: server.quickstart.sip_user_no,
    apiNo: number,
    status: 'canceled',
    hangupEnd: 'caller',
    connectTimeSec: [0, 0],
  });
});

test('HANGUP before the answer declines: 603', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [actions(hangUp), { status: 200 }]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, {
    to: number,
    script: (scenario, offer) => scenario.invite(offer).provisionals().rejected(603),
  });
  await phone.sipp.succeeded();
  const end = fieldsOf(await user.first('end_call'));
  const log = await new Rest(server).callLog(String(end.call_id));
  equal([log.hangup_end, log.connect_time_sec], ['api', 0], 'hangup_end and connect_time_sec');
});

test('an unknown number: 404 for a user who proved who he is', async (t) => {
  const phone = await call(t, await sharedServer(), {
    to: UNKNOWN_NO,
    script: (scenario, offer) => scenario.invite(offer).provisionals().rejected(404),
  });
  await phone.sipp.succeeded();
});

test('an emergency number is refused', async (t) => {
  const phone = await call(t, await sharedServer(), {
    to: '911',
    script: (scenario, offer) => scenario.invite(offer).provisionals().rejected(403),
  });
  await phone.sipp.succeeded();
});

test('a number without a callback: 480', async (t) => {
  const server = await sharedServer();
  const number = await newNumber(server, { url: 'http://127.0.0.1:9/unused' });
  const path = `/v1/CallFlows/Configurations/PhoneNumbers/${encodeURIComponent(number)}`;
  equal((await new Rest(server).put(path, { callback: null })).status, 200, 'configuration without a callback');
  const phone = await call(t, server, {
    to: number,
    script: (scenario, offer) => scenario.invite(offer).provisionals().rejected(480),
  });
  await phone.sipp.succeeded();
});

test('no credentials: the same challenge for a number that exists and one that does not', async (t) => {
  const server = await sharedServer();
  const challenges: string[][] = [];
  for (const to of [server.quickstart.number, UNKNOWN_NO]) {
    const phone = await call(t, server, {
      to,
      account: null,
      script: (scenario, offer) => scenario.invite(offer).provisionals().rejected(401),
    });
    await phone.sipp.succeeded();
    const refusal = phone.sipp.messages().find(({ firstLine }) => firstLine.startsWith('SIP/2.0 401'));
    challenges.push((refusal?.text.match(/^[\w-]+(?=:)/gm) ?? []).sort());
  }
  ok((challenges[0]?.length ?? 0) > 0, 'a challenge came');
  equal(challenges[0], challenges[1], 'headers of the two challenges');
});

test('wrong passwords: never let in, shut out with 403 after some failures', { timeoutMs: 60_000 }, async (t) => {
  const server = await ownServer(t, { config: { security: { auth_failures: 4 } } });
  const { user } = quickstartAccount(server);
  const finals: string[] = [];
  for (let attempt = 0; attempt < 8 && finals.at(-1) !== '403'; attempt++) {
    const phone = await call(t, server, {
      to: server.quickstart.number,
      account: { user, password: 'wrong' },
      script: (scenario, offer) => scenario.invite(offer).provisionals().rejected(401),
      timeoutMs: 5_000,
      name: `wrong-${attempt}`,
    });
    await phone.sipp.ended();
    const statuses = phone.sipp.messages().map(({ firstLine }) => /^SIP\/2\.0 (\d{3})/.exec(firstLine)?.[1]);
    finals.push(statuses.filter((status) => status !== undefined && status !== '100').at(-1) ?? 'nothing');
  }
  ok(
    finals.every((status) => status === '401' || status === '403'),
    `only 401 and 403: ${finals.join(' ')}`,
  );
  equal(finals.at(-1), '403', 'the end of it');
});

test('a call over TCP', async (t) => {
  const server = await sharedServer();
  const phone = await call(t, server, { to: server.quickstart.number, transport: 'tcp' });
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts('Hello, world.'));
});

test('a delayed offer: our offer in the 200, the answer in the ACK', async (t) => {
  const server = await sharedServer();
  const phone = await call(t, server, {
    to: server.quickstart.number,
    script: (scenario, offer) => scenario.invite(undefined).provisionals().answered().ack(offer).expectBye(),
  });
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts('Hello, world.'));
});

test('A-law when the phone offers nothing else', async (t) => {
  const server = await sharedServer();
  const phone = await call(t, server, { to: server.quickstart.number, media: { codecs: ['PCMA'] } });
  await phone.sipp.succeeded();
  ok(
    phone.media.packets.every(({ payloadType }) => payloadType === 8),
    'all packets are PCMA',
  );
  assertHeard(phone.media.heard(), await prompts('Hello, world.'));
});

test('hold and resume by re-INVITE', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [
    actions(collect('wait', { num_digits: 1, timeout: 3_500 }), say('Welcome back.'), hangUp),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, {
    to: number,
    script: (scenario, offer) => {
      const changed = (direction: 'sendonly' | 'sendrecv', version: number) =>
        offer.replace('a=sendrecv', `a=${direction}`).replace('o=e2e 1 1 ', `o=e2e 1 ${version} `);
      return scenario
        .invite(offer)
        .provisionals()
        .answered()
        .ack()
        .pause(800)
        .reinvite(changed('sendonly', 2))
        .pause(1_200)
        .reinvite(changed('sendrecv', 3))
        .expectBye();
    },
  });
  const held = await phone.sipp.event('reinvited');
  const resumed = await phone.sipp.event('reinvited', 15_000, 2);
  await phone.sipp.succeeded();
  equal(held.words, ['recvonly'], 'answer to sendonly');
  equal(resumed.words, ['sendrecv'], 'answer to sendrecv');
  const { longestPauseMs, ssrcs } = phone.media.continuity();
  between(longestPauseMs, 900, 15_000, 'ms without a packet, of 1,200 on hold');
  equal(ssrcs.length, 1, 'SSRCs');
  assertHeard(phone.media.heard(), await prompts('Welcome back.'));
});

test('hold by a re-INVITE that gives the line up (port 0), and resume', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [
    actions(collect('wait', { num_digits: 1, timeout: 20_000 }), say('Welcome back.'), hangUp),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, {
    to: number,
    script: (scenario, offer) => {
      const changed = (version: number) => offer.replace('o=e2e 1 1 ', `o=e2e 1 ${version} `);
      return scenario
        .invite(offer)
        .provisionals()
        .answered()
        .ack()
        .untilTold()
        .reinvite(changed(2).replace(/m=audio \d+/, 'm=audio 0'))
        .event('held')
        .untilTold()
        .reinvite(changed(3))
        .event('resumed')
        .expectBye();
    },
  });
  await phone.media.waitForPacket();
  await phone.sipp.tell();
  await phone.sipp.event('held');
  const answer = phone.sipp.messages().findLast(({ sent, text }) => !sent && /^SIP\/2\.0 200/.test(text));
  matches(answer?.text, /^m=audio 0 RTP\/AVP 0/m, 'the answer to port 0');
  const heldAt = phone.media.packets.length;
  await phone.sipp.tell(2);
  await phone.sipp.event('resumed');
  await until('sound again', () => phone.media.packets.length > heldAt + 10 || undefined, 15_000);
  await phone.media.press('5');
  await phone.sipp.succeeded();
  equal(phone.media.continuity().ssrcs.length, 1, 'SSRCs');
  assertHeard(phone.media.heard(), await prompts('Welcome back.'));
});

test('a re-INVITE without an offer is offered the call as it is, and both sides are heard on', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [
    actions(collect('wait', { num_digits: 1, timeout: 15_000 }), say('Welcome back.'), hangUp),
    { status: 200 },
  ]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, {
    to: number,
    script: (scenario, offer) => {
      // 111 is what the server itself calls Opus.
      const video = (port: number) => `m=video ${port} RTP/AVP 97\na=rtpmap:97 H264/90000\n`;
      const formats = offer
        .replace('AVP 0 101', 'AVP 111 0 101')
        .replace('a=rtpmap:0', 'a=rtpmap:111 iLBC/8000\na=rtpmap:0');
      return scenario
        .invite(formats + video(4002))
        .provisionals()
        .answered()
        .ack()
        .pause(500)
        .reinvite('', offer.replace('o=e2e 1 1 ', 'o=e2e 1 2 ') + video(0))
        .pause(500)
        .event('agreed')
        .expectBye();
    },
  });
  await phone.sipp.event('agreed');
  await phone.media.press('5');
  await phone.sipp.succeeded();
  const offered = phone.sipp
    .messages()
    .filter(({ sent, text }) => !sent && /^SIP\/2\.0 200/.test(text) && /^CSeq: \d+ INVITE/m.test(text))
    .at(-1);
  const lines = (offered?.text ?? '').split(/\r?\n/);
  equal(
    lines
      .filter((line) => line.startsWith('m='))
      .map((line) =>
        line
          .replace(/^(m=audio) \d+/, '$1 PORT')
          .split(' ')
          .slice(0, 2),
      ),
    [
      ['m=audio', 'PORT'],
      ['m=video', '0'],
    ],
    'the lines of the offer',
  );
  ok(!lines.some((line) => line.startsWith('a=rtpmap:111 ')), 'the number of another codec is not used');
  assertContinuous(phone.media.continuity());
  assertHeard(phone.media.heard(), await prompts('Welcome back.'));
});

/** Loses the first datagram of each kind in both directions. */
const LOSE_FIRST: WireRule = (_toServer, firstLine, nth, text) => {
  if (nth > 1 || /^CSeq: *1 (INVITE|ACK)/im.test(text)) return undefined;
  // Provisional responses are not sent again; the challenge (CSeq 1) is not the subject.
  if (firstLine.startsWith('SIP/2.0 1')) return undefined;
  return { copies: 0 };
};

test('lost SIP messages are sent again', { timeoutMs: 40_000 }, async (t) => {
  const server = await sharedServer();
  const phone = await call(t, server, {
    to: server.quickstart.number,
    rule: LOSE_FIRST,
    timeoutMs: 35_000,
    afterAck: (scenario) => scenario.expectBye().pause(2_000),
  });
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts('Hello, world.'));
  assertContinuous(phone.media.continuity());
});

test('doubled and late SIP messages change nothing', async (t) => {
  const server = await sharedServer();
  const user = await CallbackServer.open(t, [actions(say('Once is enough.'), hangUp), { status: 200 }]);
  const number = await newNumber(server, { url: user.url });
  const phone = await call(t, server, {
    to: number,
    // The challenge (CSeq 1) is left alone: sipp takes a second one for an answer to its second INVITE.
    rule: (toServer, _firstLine, _nth, text) => {
      if (/^CSeq: *1 (INVITE|ACK)/im.test(text)) return undefined;
      return toServer ? { copies: 3 } : { copies: 2, delayMs: 30 };
    },
  });
  await phone.sipp.succeeded();
  await user.first('end_call');
  equal(user.requests.length, 2, 'callbacks of the one call');
  assertHeard(phone.media.heard(), await prompts('Once is enough.'));
});

test('a phone that offers no codec of ours: 488', async (t) => {
  const server = await sharedServer();
  const phone = await call(t, server, {
    to: server.quickstart.number,
    script: (scenario) =>
      scenario
        .invite(
          sdp({ ip: '127.0.0.1', port: 9, telephoneEvent: false })
            .replace('AVP 0', 'AVP 18')
            .replace('0 PCMU', '18 G729'),
        )
        .provisionals()
        .rejected(488),
  });
  await phone.sipp.succeeded();
});
