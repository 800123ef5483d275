import { expect, test } from 'vitest';
import { createInterpreter } from '../interpreter/interpreter.ts';
import type { JsonObject } from '../io.ts';
import type { MessageScript } from './message-script.ts';
import { simulateMessage } from './simulate-message.ts';

const sms = (message: string, params: JsonObject = {}): JsonObject => ({ type: 'SMS', params: { message, ...params } });
const run = (actions: JsonObject[], script: Partial<MessageScript> = {}, rest: JsonObject = {}) =>
  simulateMessage({ actions, ...rest }, { text: 'Hello', ...script });
const errors = (message: Awaited<ReturnType<typeof run>>) =>
  message.transcript.filter(({ type }) => type === 'error').map(({ text }) => text);

test('the flow is asked once, with what came, and may answer', async () => {
  const message = await simulateMessage(
    ({ body }) => ({ actions: [sms(`You wrote "\${textMessage}" to ${body.api_no}`)] }),
    { text: 'Hi there', callerNo: '+13105550142', apiNo: '+14155550100', customData: { shop: 7 } },
  );
  expect(message.replies('You wrote "Hi there" to +14155550100').sent).toEqual([
    {
      to: '+13105550142',
      from: '+14155550100',
      text: 'You wrote "Hi there" to +14155550100',
      mediaUrls: [],
      error: null,
    },
  ]);
  expect(message.callbacks.map(({ request }) => request.body)).toMatchObject([
    {
      service: 'programmable_messaging',
      type: 'sms',
      subaccount_id: 0,
      caller_no: '+13105550142',
      text_message: 'Hi there',
      media: [],
      keyword_detected: null,
      keyword_type: null,
      api_no_lata: '',
      message_id: 'simulated-message',
      custom_data: { shop: 7 },
      session_data: null,
    },
  ]);
  expect(message.outcome).toMatchObject({ status: 'completed', error: null });
});

test('conditions, loops, labels, sub-flows, session data and waiting go as in a call', async () => {
  const message = await run(
    [
      { $list: "['a','b']" },
      { type: 'FOREACH', params: { iterator: '$list' }, then: [sms('${val}')] },
      { type: 'SWITCH', value: '$keywordType', cases: [{ when: 'Help', then: [sms('help')] }] },
      { type: 'RUN', params: { flow: 'more' } },
      { type: 'WAIT', params: { time: 5000 } },
      { type: 'IF', condition: "$type == 'mms' && $media.length == 1 && $callTime == 0", then: [sms('picture')] },
      { type: 'GOTO', params: { label: 'OUT' } },
      sms('never'),
      { type: 'LABEL', name: 'OUT' },
      { type: 'HANGUP' },
      sms('nor this'),
    ],
    { text: 'info', mediaUrls: ['https://example.com/a.png'] },
    {
      flows: {
        more: [{ type: 'SESSIONDATA', session_data: { seen: '${textMessage}' } }, { type: 'RETURN' }, sms('x')],
      },
    },
  );
  expect(message.sent.map(({ text }) => text)).toEqual(['a', 'b', 'help', 'picture']);
  expect(message.sessionData).toEqual({ seen: 'info' });
  expect(message.callbacks).toHaveLength(1);
});

test('what needs a call is left out, with all that is inside it', async () => {
  const message = await run([
    { type: 'SAY', params: { text: 'Hello.' } },
    { type: 'COLLECT', params: { num_digits: 1 }, actions: [sms('inside')] },
    { type: 'CONFERENCE', params: { name: 'room' }, events: { on_enter: [sms('entered')] } },
    sms('after'),
  ]);
  expect(errors(message)).toEqual(
    ['SAY', 'COLLECT', 'CONFERENCE'].map((type) => `${type} needs a call; for a text message it is left out`),
  );
  expect(message.sent.map(({ text }) => text)).toEqual(['after']);
  expect(message.outcome.status).toBe('completed');
});

const warnings = (message: Awaited<ReturnType<typeof run>>) =>
  message.transcript.filter(({ type }) => type === 'warning').map(({ text }) => text);

test.each(['', ' \n', '{}', ' { } ', '[]', 'null', '""', '{"actions":[]}'])(
  'the answer %j asks for nothing',
  async (answer) => {
    const message = await simulateMessage(() => answer, { text: 'Hello' });
    expect(message.outcome).toMatchObject({ status: 'completed', error: null });
    expect([message.sent, warnings(message)]).toEqual([[], []]);
  },
);

test.each([
  'ok',
  'OK.',
  'true',
  '17',
  'status: ok',
  '- ok',
  '{"ok":true}',
  '{"status":"ok","message":"done"}',
  '{broken',
  'Thank you: all actions: done',
  '<Response/>',
  '<!doctype html><p>\nactions: none',
])('the answer %j is no flow: nothing is run, and the log has what came', async (answer) => {
  const message = await simulateMessage(() => answer, { text: 'Hello' });
  expect(message.outcome).toMatchObject({ status: 'completed', error: null });
  expect(message.sent).toEqual([]);
  expect(warnings(message)).toEqual([
    `the answer has no "actions" list; nothing is run. Received: ${JSON.stringify(answer)}`,
  ]);
});

test.each([
  ['{"action":[]}', 'action'],
  ['{"id":7,"Actions":[{"type":"HANGUP"}]}', 'Actions'],
  ['action:\n  - type: HANGUP\n', 'action'],
])('the answer %j has a slip of the pen, which the log tells', async (answer, written) => {
  const message = await simulateMessage(() => answer, { text: 'Hello' });
  expect(message.outcome.status).toBe('completed');
  expect(warnings(message)).toEqual([
    expect.stringContaining(`there is "${written}", did you mean "actions"?; nothing is run.`),
  ]);
});

test('of a long answer that is no flow the log has the beginning', async () => {
  const message = await simulateMessage(() => 'x'.repeat(5_000), { text: 'Hello' });
  expect(warnings(message)[0]).toMatch(/Received: "x{100}…"$/);
});

test.each([
  ['{"actions":'],
  ['{"actions":{}}'],
  ['{"flows":{}}'],
  ['[1]'],
  ['actions: [\n'],
  ['name: x\nactions: 1'],
  ['- type: SMS'],
])('the answer %j is meant as a document, and fails', async (answer) => {
  const message = await simulateMessage(() => answer, { text: 'Hello' });
  expect(message.outcome).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/the answer|a list is expected/),
  });
});

test('a server that fails: the reason is the outcome', async () => {
  const message = await simulateMessage(
    () => {
      throw new Error('out of order');
    },
    { text: 'Hello' },
  );
  expect(message.outcome).toMatchObject({ status: 'failed', error: 'the callback failed: out of order' });
});

test('REDIRECT asks again with the same fields; one that leads back to itself ends', async () => {
  const message = await simulateMessage(
    ({ url, body }) =>
      url.endsWith('/next')
        ? { actions: [sms(`${body.text_message} ${body.session_data?.a}`)] }
        : {
            actions: [
              { type: 'SESSIONDATA', session_data: { a: 1 } },
              { type: 'REDIRECT', params: { url: 'https://flow.example/next' } },
            ],
          },
    { text: 'Hello' },
  );
  expect(message.replies('Hello 1').callbacks).toHaveLength(2);
  const round = await simulateMessage(
    () => ({ actions: [{ type: 'REDIRECT', params: { url: 'https://flow.example/' } }] }),
    { text: 'Hello' },
  );
  expect(round.outcome).toMatchObject({ status: 'failed', error: expect.stringContaining('callbacks in a row') });
});

test('a loop, and a flow that waits for too long, are ended', async () => {
  const loop = await run([
    { type: 'LABEL', name: 'A' },
    { type: 'GOTO', params: { label: 'A' } },
  ]);
  expect(loop.outcome).toMatchObject({ status: 'failed', error: expect.stringContaining('endless loop') });
  const long = await run([{ type: 'WAIT', params: { time: 3_600_000 } }, sms('late')]);
  expect(long.outcome.error).toBe('the flow of the message reached its longest time of 60000 ms');
  expect(long.sent).toEqual([]);
});

test('what it sent is settled before it is over; who opts out gets nothing more', async () => {
  const message = await run([sms('Bye.'), sms('To another.', { no: '+13105550199' })], { text: ' stop ' });
  expect(message.sent.map(({ error }) => error)).toEqual([
    'opt-out: the recipient has asked for no more messages',
    null,
  ]);
  expect(message.callbacks[0]?.request.body).toMatchObject({ keyword_detected: 'STOP', keyword_type: 'Opt-Out' });
  expect(errors(message)).toEqual([
    'the message could not be sent: opt-out: the recipient has asked for no more messages',
  ]);
  expect(message.text).toContain('message    from +12125550101 to +12125550123: " stop " (Opt-Out)');
});

test('a test that expects something else fails with the transcript', async () => {
  const message = await run([sms('One.')]);
  expect(() => message.replies('Two')).toThrow(/"Two", but the next message was "One\."[\s\S]*callback/);
  expect(() => message.replies('One', 'Two')).toThrow('but it sent nothing more');
});

test('given up from outside, whatever it waits for', () => {
  const interpreter = createInterpreter();
  const callback = { url: 'https://flow.example/', method: 'POST', contentType: 'application/json' } as const;
  const place = { city: '', region: '', country: '', timezone: '' };
  const call = {
    callId: 'm',
    appId: 'a',
    subaccountId: '0',
    direction: 'inbound',
    callerNo: '+1',
    callerPlace: place,
    apiNo: '+2',
    apiPlace: place,
    startTimeMs: 0,
    customData: null,
    sipDomain: '',
    sipForwardedFor: '',
  } as const;
  const settings = {
    callback,
    callbackFailover: null,
    answerOnRing: false,
    maxCallTimeMs: 1000,
    maxStepsWithoutWait: 100,
    maxEmptyAnswers: 3,
    emptyAnswerPauseMs: 0,
    maxLegs: 9,
    maxIdleCallbacks: 3,
    maxSayCharacters: 100,
    apologyText: 'Sorry.',
  };
  const message = { type: 'sms', text: 'x', media: [], keyword: null, apiRateCenter: '' } as const;
  const started = interpreter.step(interpreter.initialState(), {
    type: 'start',
    atMs: 0,
    call,
    settings,
    sessionData: null,
    seed: 1,
    message: { ...message, media: [] },
  });
  const ended = interpreter.step(started.state, {
    type: 'ended',
    atMs: 5,
    status: 'failed',
    by: 'api',
    reason: 'shut down',
    error: null,
  });
  expect(ended.effects).toEqual([
    { type: 'cancel_timer', timerId: 't1' },
    { type: 'finish_message', record: { status: 'failed', endTimeMs: 5, error: 'shut down' } },
  ]);
  expect(interpreter.step(ended.state, { type: 'timer', timerId: 't1', atMs: 9 }).effects).toEqual([]);
});
