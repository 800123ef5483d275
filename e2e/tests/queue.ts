/** QUEUE: callers wait in line, an agent takes one after the other, and each hears exactly the other side. */
import { assertHeard } from '../lib/audio.ts';
import { CallbackServer, fieldsOf } from '../lib/callback-server.ts';
import { equal } from '../lib/check.ts';
import type { TestContext } from '../lib/context.ts';
import { actions, fill, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call, type PhoneCall, registeredPhone } from '../lib/phone.ts';
import { waitForPrompt } from '../lib/prompt-heard.ts';
import { prompt, prompts } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import type { Server } from '../lib/server.ts';
import { sharedServer, TRUNK_PORT } from '../lib/shared-server.ts';
import { runSipp } from '../lib/sipp.ts';
import { SippScenario } from '../lib/sipp-scenario.ts';
import { test } from '../lib/suite.ts';
import { assertHearsTones, TONES_HZ, tone, waitForTone } from '../lib/tones.ts';
import { ended, FAR, FAR_HZ, farEnd, pickUpUntilTold } from '../lib/transfer-parties.ts';

const queue = (params: Record<string, unknown>, treatment: unknown[] = []) => ({
  type: 'QUEUE',
  params: { name: 'support', ...params },
  ...(treatment.length === 0 ? {} : { actions: treatment }),
});
const wait = (time: number) => ({ type: 'WAIT', params: { time } });

interface Party {
  phone: PhoneCall;
  toneHz: number;
}

/** Somebody who calls `number` and sends a tone for as long as it is there. */
async function party(
  t: TestContext,
  server: Server,
  number: string,
  index: number,
  afterAck: (phone: SippScenario) => SippScenario = (phone) => phone.expectBye(50_000),
): Promise<Party> {
  const toneHz = TONES_HZ[index] ?? 0;
  const phone = await call(t, server, { to: number, name: `party-${index}`, timeoutMs: 55_000, afterAck });
  void phone.media.say(tone(toneHz, 50_000));
  return { phone, toneHz };
}

async function numberOf(t: TestContext, server: Server, list: unknown[]) {
  const user = await CallbackServer.open(t, (request) =>
    fieldsOf(request).type === 'end_call' ? { status: 200 } : actions(...list),
  );
  return { user, number: await newNumber(server, { url: user.url }) };
}

async function assertConnected(a: Party, b: Party): Promise<void> {
  await Promise.all([
    waitForTone(a.phone.media, b.toneHz, a.phone.media.heard().length),
    waitForTone(b.phone.media, a.toneHz, b.phone.media.heard().length),
  ]);
  await Promise.all([
    assertHearsTones(a.phone.media, `party ${a.toneHz}`, [b.toneHz]),
    assertHearsTones(b.phone.media, `party ${b.toneHz}`, [a.toneHz]),
  ]);
}

test('queue: two wait and hear their places; an agent talks with the first, then with the second', {
  // Whoever connects is an agent of that number, who is not rung meanwhile.
  uses: ['sip-user'],
  timeoutMs: 70_000,
}, async (t) => {
  const server = await sharedServer();
  const waiting = await numberOf(t, server, [
    queue({}, [say(`You are number ${fill('queuePosition')} in line.`), wait(500)]),
    { '$sessionData.status': '$queueStatus' },
    hangUp,
  ]);
  const agents = await numberOf(t, server, [queue({ event: 'connect' }), say('The caller has gone.'), hangUp]);
  const [firstPlace, secondPlace, gone] = await Promise.all([
    prompt('You are number 1 in line.'),
    prompt('You are number 2 in line.'),
    prompt('The caller has gone.'),
  ]);

  const first = await party(t, server, waiting.number, 0);
  await first.phone.media.waitForSpeech();
  const second = await party(t, server, waiting.number, 1);
  const start = await second.phone.media.waitForSpeech();
  await second.phone.media.waitForHeard(start + secondPlace.samples.length + 1_600);
  assertHeard(first.phone.media.heard(), [firstPlace], { allowOther: true });
  assertHeard(second.phone.media.heard(), [secondPlace], { allowOther: true });

  const agent = await party(t, server, agents.number, 2, (phone) => phone.untilTold().bye());
  await assertConnected(first, agent);
  await agent.phone.sipp.tell();
  await agent.phone.sipp.succeeded();
  await first.phone.sipp.succeeded();
  const twoRounds = secondPlace.samples.length + firstPlace.samples.length + 2 * 4_000;
  await second.phone.media.waitForHeard(second.phone.media.heard().length + twoRounds);
  assertHeard(second.phone.media.heard(), [secondPlace, firstPlace], { allowOther: true });

  const next = await party(t, server, agents.number, 3);
  await assertConnected(second, next);
  const [, initial] = await waiting.user.waitFor(2, { type: 'init_call' });
  if (initial === undefined) throw new Error('the second call has not asked what to do');
  const secondCall = String(fieldsOf(initial).call_id);
  const answer = await new Rest(server).post(`/v1/LiveCalls/${encodeURIComponent(secondCall)}/Actions/HangUp`, {});
  equal(answer.status, 200, 'HangUp');
  await Promise.all([second.phone.sipp.succeeded(), next.phone.sipp.succeeded()]);
  assertHeard(next.phone.media.heard(), [gone], { allowOther: true });
  equal(
    fieldsOf(await waiting.user.first('end_call')).session_data,
    { status: 'connected' },
    'what the first flow knows afterwards',
  );
});

test('queue: agents are rung one after the other; the one who answers talks with the caller, then the flow goes on', {
  uses: ['sip-user', 'trunk'],
  timeoutMs: 60_000,
}, async (t) => {
  const server = await sharedServer();
  const busyNo = '+13105550142';
  const { sip_user: agentName } = server.quickstart;
  const { user, number } = await numberOf(t, server, [
    queue({ agents: [busyNo, agentName], order: 'sequential' }, [say('Please wait.'), wait(500)]),
    { '$sessionData.outcome': '$queueStatus', '$sessionData.who': '$queueNo' },
    say('Good bye.'),
    hangUp,
  ]);
  const carrier = new SippScenario({ to: 'sip:carrier@127.0.0.1', from: 'sip:carrier@127.0.0.1', tag: 'b' });
  const busy = await runSipp(t, carrier.expectInvite().reply(486).expectAck({ established: false }), {
    remote: '127.0.0.1:9',
    localPort: TRUNK_PORT,
    name: 'busy',
  });
  const agent = await registeredPhone(t, server, {
    script: (phone, answer) =>
      phone.expectInvite().reply(180).pause(2_000).reply(200, { body: answer }).expectAck().untilTold().bye(),
  });
  const [agentHz = 0] = TONES_HZ.slice(4);
  void agent.media.say(tone(agentHz, 50_000));
  const caller = await party(t, server, number, 0);
  await caller.phone.media.waitForSpeech();
  await assertConnected(caller, { phone: agent, toneHz: agentHz });
  await agent.sipp.tell();
  await Promise.all([busy.succeeded(), agent.sipp.succeeded(), caller.phone.sipp.succeeded()]);
  const [please, bye] = await Promise.all([prompt('Please wait.'), prompt('Good bye.')]);
  assertHeard(caller.phone.media.heard(), [please, bye], { allowOther: true });
  equal(
    fieldsOf(await user.first('end_call')).session_data,
    { outcome: 'connected', who: agentName },
    'what the flow knows afterwards',
  );
});

test('queue: the caller hangs up while an agent’s phone rings, which stops', { uses: ['sip-user'] }, async (t) => {
  const server = await sharedServer();
  const { number } = await numberOf(t, server, [queue({ agents: [server.quickstart.sip_user] }), hangUp]);
  const agent = await registeredPhone(t, server, {
    script: (phone) => phone.expectInvite().reply(180).expectCancel(),
  });
  const caller = await party(t, server, number, 0, (phone) => phone.untilTold().bye());
  await agent.sipp.event('invited');
  await caller.phone.sipp.tell();
  await Promise.all([agent.sipp.succeeded(), caller.phone.sipp.succeeded()]);
});

test('queue: who comes later with more priority is connected first; each knows its place', {
  uses: ['sip-user'],
  timeoutMs: 50_000,
}, async (t) => {
  const server = await sharedServer();
  const told = [say(`You are number ${fill('queuePosition')} in line.`), wait(300)];
  const places = [{ '$sessionData.places': "$sessionData.places + ' ' + $queuePosition" }];
  const ranked = (priority: number) => [
    { '$sessionData.places': "'places'" },
    { ...queue({ name: 'ranked', priority }, told), events: { on_enter: places, on_position: places } },
    hangUp,
  ];
  const [usual, urgent] = [await numberOf(t, server, ranked(0)), await numberOf(t, server, ranked(5))];
  const agents = await numberOf(t, server, [queue({ name: 'ranked', event: 'connect' }), hangUp]);
  const [firstPlace, secondPlace] = await Promise.all([
    prompt('You are number 1 in line.'),
    prompt('You are number 2 in line.'),
  ]);

  const early = await party(t, server, usual.number, 0, (phone) => phone.untilTold().bye());
  await waitForPrompt(early.phone.media, firstPlace);
  const late = await party(t, server, urgent.number, 1);
  await Promise.all([waitForPrompt(late.phone.media, firstPlace), waitForPrompt(early.phone.media, secondPlace)]);
  const agent = await party(t, server, agents.number, 2, (phone) => phone.untilTold().bye());
  await assertConnected(late, agent);
  await waitForPrompt(early.phone.media, firstPlace);
  await agent.phone.sipp.tell();
  await Promise.all([agent.phone.sipp.succeeded(), late.phone.sipp.succeeded()]);
  await early.phone.sipp.tell();
  await early.phone.sipp.succeeded();
  for (const [user, expected] of [
    [usual.user, 'places 1 2 1'],
    [urgent.user, 'places 1'],
  ] as const) {
    equal(fieldsOf(await user.first('end_call')).session_data, { places: expected }, 'the places it was told');
  }
});

test('queue: max_wait is over while an agent’s phone rings, which stops and rings for the next queue', {
  uses: ['trunk'],
  timeoutMs: 50_000,
}, async (t) => {
  const server = await sharedServer();
  const list = (name: string, params: object) => [
    queue({ name, agents: [FAR], ...params }, [say('Please wait.'), wait(300)]),
    { '$sessionData.outcome': '$queueStatus', '$sessionData.who': '$queueNo' },
    say('Nobody came.'),
    hangUp,
  ];
  const sales = await numberOf(t, server, list('sales', { max_wait: 5_000 }));
  const service = await numberOf(t, server, list('service', {}));
  const ringing = await farEnd(t, (phone) => phone.expectInvite().reply(180).expectCancel(), { isSilent: true });
  const first = await party(t, server, sales.number, 0);
  await ringing.sipp.event('invited');
  const second = await party(t, server, service.number, 1, (phone) => phone.untilTold().bye());
  await ended(ringing, first.phone);
  assertHeard(first.phone.media.heard(), await prompts('Please wait.', 'Nobody came.'), { allowOther: true });
  equal(
    fieldsOf(await sales.user.first('end_call')).session_data,
    { outcome: 'timeout', who: '' },
    'what the first flow knows afterwards',
  );
  const untilCanceled = ringing.sipp.messages().map(({ firstLine, text }) => ({ firstLine, text }));
  const canceledAt = untilCanceled.findIndex(({ firstLine }) => firstLine.startsWith('CANCEL '));
  const invites = untilCanceled.slice(0, canceledAt).filter(({ firstLine }) => firstLine.startsWith('INVITE '));
  equal(new Set(invites.map(({ text }) => /^Call-ID:.*$/im.exec(text)?.[0])).size, 1, 'calls that rang him at once');

  const taking = await farEnd(t, pickUpUntilTold);
  await assertConnected(second, { phone: { ...taking, offer: '' }, toneHz: FAR_HZ });
  await taking.sipp.tell();
  await ended(taking);
  await second.phone.sipp.tell();
  await ended(second.phone);
});

test('queue: agents in turn, one in its wrap-up time is let alone', {
  uses: ['trunk'],
  timeoutMs: 60_000,
}, async (t) => {
  const server = await sharedServer();
  // Agents are remembered from call to call, so these are nobody's but this run's.
  const line = String(Date.now() % 1000).padStart(3, '0');
  const [ann, ben] = [`+1310555${line}1`, `+1310555${line}2`];
  const list = (params: object, events: Record<string, unknown[]>) => [
    { ...queue({ name: 'in turn', ...params }, [say('Please wait.'), wait(300)]), events },
    { '$sessionData.outcome': '$queueStatus', '$sessionData.who': '$queueNo' },
    hangUp,
  ];
  const inTurn = { agents: [ann, ben], order: 'round_robin' };
  const onConnect = { on_connect: [{ '$sessionData.connectedWith': '$queueNo' }, say('You speak with an agent.')] };
  const turns = [
    { who: ann, flow: list(inTurn, onConnect), more: { connectedWith: ann } },
    { who: ben, flow: list({ ...inTurn, wrap_up_time: 60_000 }, {}), more: {} },
    { who: ann, flow: list({ agents: [ben, ann], order: 'sequential' }, {}), more: {} },
  ];
  const connected = await prompt('You speak with an agent.');
  for (const [index, { who, flow, more }] of turns.entries()) {
    const { user, number } = await numberOf(t, server, flow);
    const agent = await farEnd(t, pickUpUntilTold);
    const near = await call(t, server, { to: number, timeoutMs: 50_000 });
    if (index === 0) await waitForPrompt(near.media, connected);
    await waitForTone(near.media, FAR_HZ);
    await agent.sipp.tell();
    await ended(agent, near);
    const end = fieldsOf(await user.first('end_call'));
    equal(end.session_data, { ...more, outcome: 'connected', who }, `whose turn it was in call ${index + 1}`);
  }
});

test('queue: who finds the line full hears of it, and the flow goes on', async (t) => {
  const server = await sharedServer();
  const { user, number } = await numberOf(t, server, [
    {
      ...queue({ name: 'short', max_size: 1 }, [say('Please wait.'), wait(300)]),
      events: { on_enter_error_max_size: [say('The line is full.')] },
    },
    { '$sessionData.outcome': '$queueStatus' },
    hangUp,
  ]);
  const waiting = await party(t, server, number, 0, (phone) => phone.untilTold().bye());
  await waitForPrompt(waiting.phone.media, await prompt('Please wait.'));
  const late = await call(t, server, { to: number, name: 'late' });
  await late.sipp.succeeded();
  assertHeard(late.media.heard(), await prompts('The line is full.'));
  equal(fieldsOf(await user.first('end_call')).session_data, { outcome: 'full' }, 'what the flow knows afterwards');
  await waiting.phone.sipp.tell();
  await ended(waiting.phone);
});
