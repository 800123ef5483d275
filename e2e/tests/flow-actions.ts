/** Actions on real calls, in the company they keep in flows that people write. */
import { assertHeard, LINE_RATE_HZ } from '../lib/audio.ts';
import { CallbackServer, fieldsOf, type RecordedRequest } from '../lib/callback-server.ts';
import { equal, ok } from '../lib/check.ts';
import type { TestContext } from '../lib/context.ts';
import { actions, afterPrompt, collect, fill, hangUp, say } from '../lib/flow.ts';
import { newNumber } from '../lib/numbers.ts';
import { call, registeredPhone } from '../lib/phone.ts';
import { prompt, prompts } from '../lib/prompts.ts';
import { Rest } from '../lib/rest.ts';
import type { Server } from '../lib/server.ts';
import { sharedServer } from '../lib/shared-server.ts';
import { test } from '../lib/suite.ts';
import { tone } from '../lib/tones.ts';

const CALLER_HZ = 560;
const BEEP_HZ = 1000;

/** A number of ours that answers every callback but the last with these actions. */
async function numberOf(t: TestContext, server: Server, list: unknown[]) {
  const user = await CallbackServer.open(t, (request: RecordedRequest) =>
    fieldsOf(request).type === 'end_call' ? { status: 200 } : actions(...list),
  );
  return { user, number: await newNumber(server, { url: user.url }) };
}

const sequence = (...parts: Int16Array[]): Int16Array => Int16Array.from(parts.flatMap((part) => [...part]));
const silence = (durationMs: number) => new Int16Array((durationMs * LINE_RATE_HZ) / 1000);

for (const way of ['DETECT, then VOICEMAIL', 'DETECT in the background, on_beep']) {
  test(`detect: a machine with a long greeting is left a message: ${way}`, {
    uses: ['sip-user'],
    timeoutMs: 60_000,
  }, async (t) => {
    const server = await sharedServer();
    const message = say('This is a message for you.');
    const blocking = {
      type: 'DETECT',
      events: { on_answering_machine: [{ type: 'VOICEMAIL', actions: [message] }, hangUp] },
    };
    const background = {
      type: 'DETECT',
      params: { background: true, timeout: 6_000 },
      events: { on_beep: [{ type: 'GOTO', params: { label: 'MESSAGE' } }] },
    };
    const flow = way.includes('background')
      ? [background, { type: 'WAIT', params: { time: 30_000 } }, hangUp, { type: 'LABEL', name: 'MESSAGE' }, message]
      : [blocking];
    const { user, number } = await numberOf(t, server, [...flow, hangUp]);
    const phone = await registeredPhone(t, server, {
      script: (callee, answer) => callee.expectInvite().reply(200, { body: answer }).expectAck().expectBye(40_000),
      timeoutMs: 50_000,
    });
    await new Rest(server).makeCall({ call: { no: server.quickstart.sip_user_no, caller_id_no: number } });
    const greeting = await prompt(
      'Hello, you have reached the answering machine of Ada and Charles. We cannot come to the phone right now. ' +
        'Please leave your name and your number after the tone, and we will call you back.',
    );
    await phone.media.waitForPacket(15_000);
    await phone.media.say(sequence(silence(500), greeting.samples, silence(300), tone(BEEP_HZ, 500)));
    const beepAt = phone.media.heard().length;
    await phone.sipp.succeeded();
    const [found] = assertHeard(phone.media.heard(), await prompts('This is a message for you.'));
    ok((found?.offset ?? 0) > beepAt - LINE_RATE_HZ, 'the message begins when the beep is over');
    equal(fieldsOf(await user.first('end_call')).detection, 'answering_machine', 'detection');
  });
}

test('dial: another call with session data by value, while the caller hears the flow', {
  uses: ['sip-user'],
}, async (t) => {
  const server = await sharedServer();
  const called = await numberOf(t, server, [say(`Order ${fill('sessionData.order')} is ready.`), hangUp]);
  const { user, number } = await numberOf(t, server, [
    { type: 'SESSIONDATA', session_data: { order: 7 } },
    {
      type: 'DIAL',
      params: { no: server.quickstart.sip_user, caller_id_no: called.number, timeout: 20 },
      session_data: '$sessionData',
    },
    { '$sessionData.order': '8' },
    say('We are calling.'),
    hangUp,
  ]);
  const phone = await registeredPhone(t, server, {
    script: (callee, answer) => callee.expectInvite().reply(200, { body: answer }).expectAck().expectBye(),
  });
  const caller = await call(t, server, { to: number });
  await Promise.all([caller.sipp.succeeded(), phone.sipp.succeeded()]);
  assertHeard(caller.media.heard(), await prompts('We are calling.'));
  assertHeard(phone.media.heard(), await prompts('Order 7 is ready.'));
  equal(fieldsOf(await called.user.first('init_call')).session_data, { order: 7 }, 'handed over');
  equal(fieldsOf(await user.first('end_call')).session_data, { order: 8 }, 'kept');
});

test('http, SWITCH, FOREACH, RUN and RETURN, written in YAML, decide what is heard', async (t) => {
  const server = await sharedServer();
  const web = await CallbackServer.open(t, [{ json: { name: 'Ada', items: ['tea', 'milk'] } }, { status: 404 }]);
  const text = `
actions:
  - type: HTTP
    params: { url: "${web.url}/c?no=\${callerNo}", method: GET, result: customer }
  - type: SWITCH
    value: $httpStatus
    cases:
      - when: 200
        then:
          - { type: RUN, params: { flow: order } }
    orElse:
      - { type: SAY, params: { text: Nobody knows you. } }
  - type: HTTP
    params: { url: "${web.url}", method: GET, wait: true }
  - type: IF
    condition: $httpStatus != 200
    then:
      - { type: SAY, params: { text: Good bye. } }
  - type: HANGUP
flows:
  order:
    - { type: SAY, params: { text: "Hello, \${customer.name}." } }
    - type: FOREACH
      params: { iterator: $customer.items }
      then:
        - type: IF
          condition: $index > 0
          then:
            - type: RETURN
        - { type: SAY, params: { text: "You ordered \${val}." } }
    - { type: SAY, params: { text: This is left out. } }
`;
  const user = await CallbackServer.open(t, [{ text }, { status: 200 }]);
  const phone = await call(t, server, { to: await newNumber(server, { url: user.url }) });
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts('Hello, Ada.', 'You ordered tea.', 'Good bye.'));
  equal(web.requests.length, 2, 'requests');
});

test('collect: asks again for what is not valid, and takes what was typed ahead', { timeoutMs: 50_000 }, async (t) => {
  const server = await sharedServer();
  const menu = collect('menu', { num_digits: 1, valid: ['[1-3]'], retries: 2, timeout: 10_000 }, say('Choose.'));
  const pin = collect('pin', { min_digits: 3, finish_on_key: ['#', '*'], type_ahead: true }, say('Your code.'));
  const { user, number } = await numberOf(t, server, [
    { ...menu, retry_actions: [say('Once more.')] },
    say('Thank you, please wait for a moment, while we look for the letters that you have sent us in the last week.'),
    pin,
    say(`Valid ${fill('collectValid')}.`),
    hangUp,
  ]);
  const phone = await call(t, server, { to: number, timeoutMs: 45_000 });
  await afterPrompt(phone.media, await prompt('Choose.'));
  const asked = phone.media.heard().length;
  await phone.media.press('9');
  await afterPrompt(phone.media, await prompt('Once more.'), asked);
  const again = phone.media.heard().length;
  await phone.media.press('2');
  await phone.media.waitForSpeech(15_000, again);
  await phone.media.pressAll('471*');
  await phone.sipp.succeeded();
  assertHeard(phone.media.heard(), await prompts('Choose.', 'Once more.'), { allowOther: true });
  assertHeard(phone.media.heard(), await prompts('Valid true.'), { allowOther: true });
  equal(
    fieldsOf(await user.first('end_call')).key_presses,
    [
      { name: 'menu', digits: '2' },
      { name: 'pin', digits: '471' },
    ],
    'key presses',
  );
});

test('queue: max_wait, leave and max_size, each with its status; on_position tells who moves up', {
  timeoutMs: 60_000,
}, async (t) => {
  const server = await sharedServer();
  const leave = { type: 'QUEUE', params: { event: 'leave' } };
  const queue = (params: Record<string, unknown>, list: unknown[] = []) => ({
    type: 'QUEUE',
    params: { name: 'lunch', ...params },
    actions: [say('Please wait.'), { type: 'WAIT', params: { time: 300 } }, ...list],
    events: { on_exit: [say(`Out: ${fill('queueStatus')}.`)] },
  });
  const outcome = (name: string) => ({ [`$sessionData.${name}`]: '$queueStatus' });
  const { user, number } = await numberOf(t, server, [
    queue({ max_wait: 4_000 }),
    outcome('first'),
    queue({}, [leave]),
    outcome('second'),
    hangUp,
  ]);
  const other = await numberOf(t, server, [
    queue({ max_size: 1 }),
    outcome('only'),
    {
      type: 'QUEUE',
      params: { name: 'lunch' },
      events: { on_position: [say(`You are number ${fill('queuePosition')} now.`), leave] },
    },
    outcome('second'),
    hangUp,
  ]);
  const phone = await call(t, server, { to: number, timeoutMs: 45_000 });
  await phone.media.waitForSpeech();
  const late = await call(t, server, { to: other.number, name: 'late' });
  await Promise.all([phone.sipp.succeeded(), late.sipp.succeeded()]);
  assertHeard(phone.media.heard(), await prompts('Out: timeout.', 'Out: left.'), { allowOther: true });
  equal(fieldsOf(await user.first('end_call')).session_data, { first: 'timeout', second: 'left' }, 'first caller');
  equal(fieldsOf(await other.user.first('end_call')).session_data, { only: 'full', second: 'left' }, 'second caller');
  assertHeard(late.media.heard(), await prompts('You are number 1 now.'), { allowOther: true });
});

test('record: a message ends with silence; a whole call leaves out what was paused', {
  timeoutMs: 60_000,
}, async (t) => {
  const server = await sharedServer();
  const background = (action: string) => ({ type: 'RECORD', name: 'all', params: { action } });
  const { user, number } = await numberOf(t, server, [
    background('start'),
    say('Recorded.'),
    background('pause'),
    say('Nobody shall know of this sentence.'),
    background('resume'),
    { type: 'RECORD', name: 'message', params: { timeout: 1_500, beep: false } },
    { '$sessionData.time': '$recordingTime', '$sessionData.id': '$recordingId' },
    say('Thank you.'),
    background('stop'),
    hangUp,
  ]);
  const phone = await call(t, server, { to: number, timeoutMs: 45_000 });
  const [one, two, message] = await prompts('Recorded.', 'Nobody shall know of this sentence.', 'Call me, please.');
  const start = await phone.media.waitForSpeech();
  await phone.media.waitForHeard(start + (one?.samples.length ?? 0) + (two?.samples.length ?? 0) + LINE_RATE_HZ / 2);
  await phone.media.say(message?.samples ?? silence(0));
  await phone.sipp.succeeded();
  const end = fieldsOf(await user.first('end_call'));
  const recordings = end.recordings as { name: string; id: string }[];
  equal(recordings.map(({ name }) => name).sort(), ['all', 'message'], 'recordings');
  const { time, id } = end.session_data as { time: number; id: string };
  equal(id, recordings.find(({ name }) => name === 'message')?.id, 'recordingId');
  ok(time > 1_000 && time < 6_000, `recordingTime ${time}`);
  const rest = new Rest(server);
  const all = recordings.find(({ name }) => name === 'all')?.id ?? '';
  const { body } = await rest.get(`/v1/Recordings/${encodeURIComponent(all)}`);
  const pausedMs = (two?.samples.length ?? 0) / 8;
  const heardMs = phone.media.heard().length / 8;
  ok(Number(body.duration) < heardMs - pausedMs * 0.8, `${body.duration} ms of ${heardMs}, ${pausedMs} of them paused`);
});

test('conference: events tell who comes and goes, and who is kicked goes on with its flow', {
  timeoutMs: 60_000,
}, async (t) => {
  const server = await sharedServer();
  const room = (params: Record<string, unknown>, events: Record<string, unknown[]> = {}) => ({
    type: 'CONFERENCE',
    params: { name: 'staff', hold_music: false, ...params },
    events,
  });
  const guest = await numberOf(t, server, [
    room({ announce: 'tones' }, { on_exit: [say('You were taken out.')] }),
    say('Good bye.'),
    hangUp,
  ]);
  const { user, number } = await numberOf(t, server, [
    room(
      {},
      {
        on_participant_enter: [
          { '$sessionData.inside': '$participants' },
          say('Somebody came.'),
          { type: 'WAIT', params: { time: 2_000 } },
          room({ event: 'kick', participant: fill('participant') }),
        ],
        on_participant_exit: [say('Somebody left.'), room({ event: 'leave' })],
      },
    ),
    hangUp,
  ]);
  const chair = await call(t, server, { to: number, name: 'chair', timeoutMs: 50_000 });
  await user.first('init_call');
  await chair.media.waitForPacket();
  const phone = await call(t, server, { to: guest.number, name: 'guest', timeoutMs: 45_000 });
  void phone.media.say(tone(CALLER_HZ, 20_000));
  await Promise.all([phone.sipp.succeeded(), chair.sipp.succeeded()]);
  assertHeard(phone.media.heard(), await prompts('You were taken out.', 'Good bye.'), { allowOther: true });
  assertHeard(chair.media.heard(), await prompts('Somebody came.', 'Somebody left.'), { allowOther: true });
  equal(fieldsOf(await user.first('end_call')).session_data, { inside: 2 }, 'participants');
});

test('live calls: actions now and after the current one, session data, beside a COLLECT', {
  timeoutMs: 60_000,
}, async (t) => {
  const server = await sharedServer();
  const { user, number } = await numberOf(t, server, [
    say('One moment please, this is a rather long sentence that somebody will interrupt.'),
    collect('code', { num_digits: 2, timeout: 8_000 }, say('Your code.')),
    say(`Hello ${fill('sessionData.name')}.`),
    hangUp,
  ]);
  const phone = await call(t, server, { to: number, timeoutMs: 50_000 });
  await phone.media.waitForSpeech();
  const rest = new Rest(server);
  const callId = String(fieldsOf(await user.first('init_call')).call_id);
  const path = `/v1/LiveCalls/${encodeURIComponent(callId)}`;
  const post = async (to: string, body: unknown) => {
    const answer = await rest.post(`${path}/${to}`, body);
    ok(answer.status >= 200 && answer.status < 300, `${to}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  await post('SessionData', { session_data: { name: 'Ada' } });
  await post('Actions', { actions: [say('I interrupt.')], when: 'now' });
  const [cut, code] = await prompts('I interrupt.', 'Your code.');
  const from = phone.media.heard().length;
  await phone.media.waitForHeard(from + (cut?.samples.length ?? 0) + LINE_RATE_HZ / 4);
  await post('Actions', { actions: [say('And I wait.')], when: 'after_current' });
  await phone.media.waitForHeard(phone.media.heard().length + (code?.samples.length ?? 0));
  await phone.media.pressAll('42');
  await phone.sipp.succeeded();
  const heard = phone.media.heard();
  assertHeard(heard, await prompts('I interrupt.', 'And I wait.', 'Hello Ada.'), { allowOther: true });
  equal(fieldsOf(await user.first('end_call')).key_presses, [{ name: 'code', digits: '42' }], 'key presses');
});
