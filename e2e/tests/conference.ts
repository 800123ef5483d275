/** CONFERENCE: everybody hears exactly the others; rooms fill, start, end. The parties are spread over two media workers. */
import { assertHeard, type ExpectedPrompt, LINE_RATE_HZ } from '../lib/audio.ts';
import { CallbackServer, fieldsOf, type RecordedRequest } from '../lib/callback-server.ts';
import { between, equal, ok } from '../lib/check.ts';
import type { TestContext } from '../lib/context.ts';
import { actions, afterPrompt, fill, hangUp, say } from '../lib/flow.ts';
import { endCallsOf } from '../lib/live-calls.ts';
import { newNumber } from '../lib/numbers.ts';
import { call, type PhoneCall } from '../lib/phone.ts';
import { prompt } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import { Server } from '../lib/server.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { assertHearsTones, levelDb, listen, TONES_HZ, tone, waitForTone } from '../lib/tones.ts';

const conference = (params: Record<string, unknown>, events: Record<string, unknown[]> = {}) => ({
  type: 'CONFERENCE',
  params: { name: 'team', hold_music: false, ...params },
  events,
});

interface Party {
  phone: PhoneCall;
  toneHz: number;
}

/** Somebody who calls `number` and sends a tone for as long as it is there. */
async function party(t: TestContext, server: Server, number: string, index: number, staysMs?: number): Promise<Party> {
  const toneHz = TONES_HZ[index] ?? 0;
  const phone = await call(t, server, {
    to: number,
    name: `party-${index}`,
    timeoutMs: 55_000,
    afterAck: (scenario) => (staysMs === undefined ? scenario.expectBye(50_000) : scenario.pause(staysMs).bye()),
  });
  endCallsOf(t, server, number);
  void phone.media.say(tone(toneHz, 50_000));
  return { phone, toneHz };
}

async function numberOf(
  t: TestContext,
  server: Server,
  list: unknown[],
): Promise<{ number: string; user: CallbackServer }> {
  const user = await CallbackServer.open(t, (request: RecordedRequest) =>
    fieldsOf(request).type === 'end_call' ? { status: 200 } : actions(...list),
  );
  return { user, number: await newNumber(server, { url: user.url }) };
}

/** Each hears all the others, and nothing else. */
async function assertAllHearTheOthers(parties: readonly Party[]): Promise<void> {
  await Promise.all(
    parties.map(async ({ phone, toneHz }) => {
      const from = phone.media.heard().length;
      for (const other of parties) if (other.toneHz !== toneHz) await waitForTone(phone.media, other.toneHz, from);
    }),
  );
  await Promise.all(
    parties.map((one) => assertHearsTones(one.phone.media, `party ${one.toneHz}`, tonesBut(parties, one))),
  );
}

async function assertHears({ phone, toneHz }: Party, expectedHz: readonly number[]): Promise<void> {
  // What was on its way when the room changed is over.
  await listen(phone.media, 200);
  await assertHearsTones(phone.media, `party ${toneHz}`, expectedHz, 600);
}

test('conference: four parties, each hears exactly the others; one leaves, the rest goes on', {
  timeoutMs: 70_000,
}, async (t) => {
  const server = await sharedServer();
  const { number, user } = await numberOf(t, server, [conference({}), say('You have left.'), hangUp]);
  const parties: Party[] = [];
  for (let i = 0; i < 3; i++) parties.push(await party(t, server, number, i));
  await assertAllHearTheOthers(parties);
  const guest = await party(t, server, number, 3, 9_000);
  await assertAllHearTheOthers([...parties, guest]);
  await guest.phone.sipp.succeeded();
  await user.first('end_call');
  await Promise.all(parties.map((one) => assertHears(one, tonesBut(parties, one))));
});

test('conference: mute, hold and unmute are heard by nobody', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const { number } = await numberOf(t, server, [conference({ name: 'quiet' }), hangUp]);
  const silent = await numberOf(t, server, [conference({ name: 'quiet', muted: true }), hangUp]);
  const [a, b] = [await party(t, server, number, 0), await party(t, server, number, 1)];
  const muted = await party(t, server, silent.number, 2);
  await waitForTone(muted.phone.media, a.toneHz);
  await Promise.all([assertHears(a, [b.toneHz]), assertHears(b, [a.toneHz]), assertHears(muted, [a.toneHz, b.toneHz])]);
  const rest = new Rest(server);
  const callId = String(fieldsOf(await silent.user.first('init_call')).call_id);
  const command = async (name: string) => {
    const answer = await rest.post(`/v1/LiveCalls/${encodeURIComponent(callId)}/Actions/${name}`, {});
    ok(answer.status >= 200 && answer.status < 300, `${name}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  await command('UnmuteConferenceParticipant');
  await assertAllHearTheOthers([a, b, muted]);
  await command('HoldConferenceParticipant');
  await Promise.all([assertHears(a, [b.toneHz]), assertHears(b, [a.toneHz]), assertHears(muted, [])]);
  await command('ResumeConferenceParticipant');
  await assertAllHearTheOthers([a, b, muted]);
});

test('conference: a full room turns away, also those who come at the same moment', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const { number, user } = await numberOf(t, server, [
    conference(
      { name: 'small', max_participants: 2 },
      { on_enter_error_max_participants: [say('The room is full.'), hangUp] },
    ),
    say('You have left.'),
    hangUp,
  ]);
  const parties = await Promise.all([0, 1, 2, 3].map((i) => party(t, server, number, i)));
  const full = await prompt('The room is full.');
  const ended = await user.waitFor(2, { type: 'end_call' });
  equal(ended.length, 2, 'calls turned away');
  const inside = parties.filter((one) => !isTurnedAway(one));
  equal(inside.length, 2, 'calls in the room');
  for (const one of parties) {
    if (isTurnedAway(one)) assertHeard(one.phone.media.heard(), [full], { allowOther: true });
  }
  await assertAllHearTheOthers(inside);
});

test('conference: end_on_exit lets all others go on to their next action', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const { number } = await numberOf(t, server, [conference({ name: 'ends' }), say('It is over.'), hangUp]);
  const chair = await numberOf(t, server, [conference({ name: 'ends', end_on_exit: 'true' }), hangUp]);
  const parties = [await party(t, server, number, 0), await party(t, server, number, 1)];
  const leader = await party(t, server, chair.number, 2, 9_000);
  await assertAllHearTheOthers([...parties, leader]);
  for (const { phone } of parties) await phone.sipp.succeeded();
  const over: ExpectedPrompt = await prompt('It is over.');
  for (const { phone } of parties) assertHeard(phone.media.heard(), [over], { allowOther: true });
});

test('conference: nobody hears anybody until the moderator comes', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const waiting = await numberOf(t, server, [conference({ name: 'later', start_on_enter: false }), hangUp]);
  const { number } = await numberOf(t, server, [conference({ name: 'later' }), hangUp]);
  const [a, b] = [await party(t, server, waiting.number, 0), await party(t, server, waiting.number, 1)];
  await Promise.all([a.phone.media.waitForHeard(8_000), b.phone.media.waitForHeard(8_000)]);
  await Promise.all([assertHears(a, []), assertHears(b, [])]);
  const moderator = await party(t, server, number, 2);
  await assertAllHearTheOthers([a, b, moderator]);
});

test('conference: a coach is heard by one party only', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const { number, user } = await numberOf(t, server, [conference({ name: 'sales' }), hangUp]);
  const agent = await party(t, server, number, 0);
  const agentId = String(fieldsOf(await user.first('init_call')).call_id);
  const customer = await party(t, server, number, 1);
  const coaching = await numberOf(t, server, [conference({ name: 'sales', coach: agentId }), hangUp]);
  const coach = await party(t, server, coaching.number, 2);
  await waitForTone(agent.phone.media, coach.toneHz);
  await Promise.all([
    assertHears(agent, [customer.toneHz, coach.toneHz]),
    assertHears(customer, [agent.toneHz]),
    assertHears(coach, [agent.toneHz, customer.toneHz]),
  ]);
});

test('conference: a call is heard as loud as its gain says', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const { number } = await numberOf(t, server, [conference({ name: 'loud' }), hangUp]);
  const soft = await numberOf(t, server, [conference({ name: 'loud', gain: -5 }), hangUp]);
  const [plain, turned] = [await party(t, server, number, 0), await party(t, server, soft.number, 1)];
  await waitForTone(plain.phone.media, turned.toneHz);
  await assertHears(turned, [plain.toneHz]);
  let level = 0;
  // A machine that stands still makes the tone jump, which spoils one measurement.
  for (let attempt = 0; attempt < 5 && (level < -6 || level > -4); attempt++) {
    level = levelDb(await listen(plain.phone.media, 400), turned.toneHz);
  }
  between(level, -6, -4, 'dB of the call that was turned down by 5');
});

const [LOW_HZ, HIGH_HZ] = [523, 784];
const chime = (text: string, firstHz: number, secondHz: number): ExpectedPrompt => ({
  text,
  samples: Int16Array.from([...tone(firstHz, 120), ...tone(secondHz, 160)]),
});

for (const announce of ['tones', 'names']) {
  test(`conference: ${announce} tell the others who comes and goes, and nobody else`, {
    timeoutMs: 60_000,
  }, async (t) => {
    const server = await sharedServer();
    const digits = [...server.quickstart.sip_user_no.slice(1)].join(' ');
    const [comes, goes] =
      announce === 'tones'
        ? [chime('rising tones', LOW_HZ, HIGH_HZ), chime('falling tones', HIGH_HZ, LOW_HZ)]
        : [await prompt(`${digits} has joined.`), await prompt(`${digits} has left.`)];
    const onHold = await prompt('You are on hold.');
    const name = `door-${announce}`;
    const quiet = await numberOf(t, server, [conference({ name }), hangUp]);
    const announced = await numberOf(t, server, [conference({ name, announce }), hangUp]);
    const held = await numberOf(t, server, [
      conference({ name }, { on_enter: [conference({ event: 'hold' }), say('You are on hold.')] }),
      hangUp,
    ]);
    const elsewhere = await numberOf(t, server, [conference({ name: `${name}-2` }), hangUp]);
    const join = (number: string, who: string, isGuest = false) =>
      call(t, server, {
        to: number,
        name: who,
        timeoutMs: 50_000,
        afterAck: (phone) => (isGuest ? phone.untilTold().bye() : phone.expectBye(45_000)),
      });
    const waiting = await join(held.number, 'held');
    await afterPrompt(waiting.media, onHold);
    // On one media worker each.
    const inside = [await join(quiet.number, 'first'), await join(quiet.number, 'second')];
    const apart = await join(elsewhere.number, 'elsewhere');
    await apart.media.waitForPacket();
    for (const { number } of [quiet, held, elsewhere]) endCallsOf(t, server, number);

    const guest = await join(announced.number, 'guest', true);
    await Promise.all(inside.map(({ media }) => afterPrompt(media, comes)));
    const heardBefore = inside.map(({ media }) => media.heard().length);
    await guest.sipp.tell();
    await guest.sipp.succeeded();
    await Promise.all(inside.map(({ media }, i) => afterPrompt(media, goes, heardBefore[i])));
    const late = await join(quiet.number, 'late');
    await late.media.waitForHeard(LINE_RATE_HZ);

    for (const { media } of inside) assertHeard(media.heard(), [comes, goes]);
    assertHeard(guest.media.heard(), []);
    assertHeard(waiting.media.heard(), [onHold]);
    for (const { media } of [apart, late]) assertHeard(media.heard(), []);
  });
}

test('conference: on_end runs when the room is over for all, before the flow goes on', async (t) => {
  const server = await sharedServer();
  const host = await numberOf(t, server, [conference({ name: 'over', end_on_exit: true }), hangUp]);
  const guest = await numberOf(t, server, [
    conference(
      { name: 'over' },
      { on_end: [say('The meeting is over.')], on_exit: [{ '$sessionData.left': "($sessionData.left || '') + 'x'" }] },
    ),
    say('Good bye.'),
    hangUp,
  ]);
  const phone = await call(t, server, { to: guest.number, name: 'guest' });
  await guest.user.first('init_call');
  const leaving = await call(t, server, {
    to: host.number,
    name: 'host',
    afterAck: (scenario) => scenario.untilTold().bye(),
  });
  void phone.media.say(tone(LOW_HZ, 20_000));
  await waitForTone(leaving.media, LOW_HZ);
  await leaving.sipp.tell();
  await Promise.all([leaving.sipp.succeeded(), phone.sipp.succeeded()]);
  const [over, bye] = [await prompt('The meeting is over.'), await prompt('Good bye.')];
  assertHeard(phone.media.heard(), [over, bye], { allowOther: true });
  equal(fieldsOf(await guest.user.first('end_call')).session_data, { left: 'x' }, 'on_exit ran as well');
});

test('conference: who comes and goes at once is told one after the other', {
  timeoutMs: 60_000,
}, async (t) => {
  const server = await sharedServer();
  const digits = [...server.quickstart.sip_user_no.slice(1)].join(' ');
  const [comes, goes] = [await prompt(`${digits} has joined.`), await prompt(`${digits} has left.`)];
  const quiet = await numberOf(t, server, [conference({ name: 'crowd' }), hangUp]);
  const announced = await numberOf(t, server, [conference({ name: 'crowd', announce: 'names' }), hangUp]);
  const inside = await call(t, server, {
    to: quiet.number,
    name: 'inside',
    timeoutMs: 50_000,
    afterAck: (phone) => phone.expectBye(45_000),
  });
  await inside.media.waitForPacket();
  endCallsOf(t, server, quiet.number);
  const guest = await call(t, server, {
    to: announced.number,
    name: 'guest',
    timeoutMs: 50_000,
    afterAck: (phone) => phone.untilTold().bye(),
  });
  await inside.media.waitForSpeech();
  await guest.sipp.tell();
  await guest.sipp.succeeded();
  const left = (await afterPrompt(inside.media, comes)) + comes.samples.length;
  await afterPrompt(inside.media, goes, left);
  assertHeard(inside.media.heard(), [comes, goes]);
});

test('conference: who is alone hears music until somebody comes', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const { number } = await numberOf(t, server, [{ type: 'CONFERENCE', params: { name: 'alone' } }, hangUp]);
  const a = await party(t, server, number, 0);
  await a.phone.media.waitForSpeech();
  const b = await party(t, server, number, 1);
  await waitForTone(a.phone.media, b.toneHz);
  await Promise.all([assertHears(a, [b.toneHz]), assertHears(b, [a.toneHz])]);
});

test('conference: the sample flow conference-welcome', { timeoutMs: 60_000 }, async (t) => {
  const server = await sharedServer();
  const number = await newNumber(server, {
    url: `${server.quickstart.flows_url}/conference-welcome.json`,
    method: 'GET',
  });
  const [a, b] = [await party(t, server, number, 0), await party(t, server, number, 1)];
  const welcome = await prompt('Hello, . Welcome to our conference.');
  await assertAllHearTheOthers([a, b]);
  for (const { phone } of [a, b]) assertHeard(phone.media.heard(), [welcome], { allowOther: true });
});

test('queue: who waits hears the flow, then whoever connects; hanging up lets the other go on', {
  // Whoever connects is an agent, who is not rung meanwhile.
  uses: ['sip-user'],
  timeoutMs: 60_000,
}, async (t) => {
  const server = await sharedServer();
  const queue = (event: string) => ({ type: 'QUEUE', params: { name: 'help', event } });
  const waiting = await numberOf(t, server, [queue('enter'), say('You were served.'), hangUp]);
  const agents = await numberOf(t, server, [queue('connect'), hangUp]);
  const customer = await party(t, server, waiting.number, 0);
  await customer.phone.media.waitForPacket();
  const agent = await party(t, server, agents.number, 1, 8_000);
  await assertAllHearTheOthers([customer, agent]);
  await Promise.all([agent.phone.sipp.succeeded(), customer.phone.sipp.succeeded()]);
  assertHeard(customer.phone.media.heard(), [await prompt('You were served.')], { allowOther: true });
});

test('conference: the server is stopped: everybody is hung up', { timeoutMs: 60_000 }, async (t) => {
  const server = await Server.start({ config: { limits: { drain_s: 1 }, media: { workers: 2 } } });
  t.defer(() => server.destroy());
  const { number } = await numberOf(t, server, [conference({}), hangUp]);
  const parties = [await party(t, server, number, 0), await party(t, server, number, 1)];
  await assertAllHearTheOthers(parties);
  equal(await server.stop(), 0, 'exit code');
  for (const { phone } of parties) await phone.sipp.succeeded();
});

test('conference: a number in a name is filled in; rooms of other names are apart', {
  timeoutMs: 60_000,
}, async (t) => {
  const server = await sharedServer();
  const { number } = await numberOf(t, server, [conference({ name: `../${fill('apiNo')}` }), hangUp]);
  const other = await numberOf(t, server, [conference({ name: `../${fill('apiNo')}` }), hangUp]);
  const parties = [await party(t, server, number, 0), await party(t, server, number, 1)];
  const apart = await party(t, server, other.number, 2);
  await assertAllHearTheOthers(parties);
  await assertHears(apart, []);
});

function tonesBut(parties: readonly Party[], one: Party): number[] {
  return parties.filter((other) => other !== one).map(({ toneHz }) => toneHz);
}

function isTurnedAway({ phone }: Party): boolean {
  return phone.sipp.events().some(({ name }) => name === 'bye');
}
