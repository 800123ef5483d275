import { expect, test } from 'vitest';
import { VirtualCall } from '../../testing/virtual-call.ts';

const run = (params: object, options = {}) =>
  new VirtualCall({
    answers: { document: { actions: [{ type: 'SAY', params: { ...params } }, { type: 'HANGUP' }] } },
    ...options,
  });

test('the text is filled, voice and language are handed on', () => {
  const call = run(
    { text: 'Hello, ${sessionData.name}.', voice: 'slt', language: 'en-US' },
    { sessionData: { name: 'Ann' } },
  );
  const source = { kind: 'say', text: 'Hello, Ann.', voice: 'slt', language: 'en-US' };
  expect(
    call
      .toEnd()
      .of('play')
      .map((effect) => effect.source),
  ).toEqual([source]);
});

test('a voice and a language out of variables without a value are the configured ones', () => {
  const params = { text: 'Hi', voice: '${sessionData.voice}', language: '$sessionData.language' };
  expect(run(params).toEnd().of('play')[0]?.source).toEqual({ kind: 'say', text: 'Hi', voice: null, language: null });
});

test('loop says it that many times', () => {
  expect(run({ text: 'Hi', loop: 3 }).toEnd().heard).toEqual(['Hi', 'Hi', 'Hi']);
});

test('a numeric text is a loop count, with a warning', () => {
  const call = run({ text: 'Hi', loop: '2' }).toEnd();
  expect(call.heard).toEqual(['Hi', 'Hi']);
  expect(call.messages('warning')).toEqual(['params.loop is a text, taken as the number 2']);
});

test('loop 0 goes on until the call leaves', () => {
  const call = run({ text: 'Please hold', loop: 0 }).advance(60_000);
  expect(call.heard.length).toBe(60);
  call.callerEnds();
  expect(call.effects.at(-1)?.type).toBe('finish');
});

test('an empty or missing text is passed over without answering', () => {
  for (const params of [{ text: '' }, { text: '${nothing}' }, {}]) {
    const call = run(params).toEnd();
    expect(call.heard).toEqual([]);
    expect(call.messages('warning')).toContain('the text is empty; nothing is said');
  }
});

test('what cannot be spoken is an error, and the flow goes on', () => {
  const call = run({ text: 'Hi', loop: 0 }, { playback: () => 'no such voice' }).toEnd();
  expect(call.messages('error')).toEqual(['could not play the text: no such voice']);
  expect(call.of('hang_up').map((effect) => effect.reason)).toEqual(['HANGUP']);
});

test('a long value in an attribute of SSML is said whole', () => {
  const text = '<speak><sub alias="${a}">x</sub></speak>';
  const document = {
    actions: [{ $a: `'${'x'.repeat(6_000)}'` }, { type: 'SAY', params: { text } }, { type: 'HANGUP' }],
  };
  expect(new VirtualCall({ answers: { document } }).toEnd().heard[0]?.length).toBe(6_000);
});

test('a text longer than allowed is cut', () => {
  const call = run({ text: 'x'.repeat(10_001) }).toEnd();
  expect(call.heard[0]?.length).toBe(10_000);
  expect(call.messages('warning')).toEqual(['the text has 10001 characters; 10000 are said']);
});

test('the timeline says when it began and ended', () => {
  const call = run({ text: 'Hi' }).toEnd();
  const events = call.events.filter((event) => event.action === 'SAY');
  expect(events.map(({ type, path, data }) => ({ type, path, data }))).toEqual([
    { type: 'action_started', path: 'actions[0]', data: {} },
    { type: 'action_ended', path: 'actions[0]', data: { duration_ms: 1000, interrupted: false } },
  ]);
});

test('SSML is spoken in parts; the text is what they say', () => {
  const call = run(
    { text: '<speak>Hello ${sessionData.name}.<break time="500ms"/>Bye.</speak>', language: 'en-US' },
    {
      sessionData: { name: 'A<break/>B' },
    },
  ).toEnd();
  const manner = { rate: 1, pitch: 1, gain: 1, voice: null, language: 'en-US' };
  expect(call.of('play').map((effect) => effect.source)).toEqual([
    {
      kind: 'say',
      text: 'Hello A<break/>B. Bye.',
      voice: null,
      language: 'en-US',
      parts: [{ text: 'Hello A<break/>B.', ...manner }, { pauseMs: 500 }, { text: 'Bye.', ...manner }],
    },
  ]);
  expect(call.messages('warning')).toEqual([]);
});

test('of SSML that cannot be read the words are said, with a warning', () => {
  const call = run({ text: '<speak>One <break>two ${sessionData.x}</speak>' }, { sessionData: { x: '<b>' } }).toEnd();
  expect(call.heard).toEqual(['One two <b>']);
  expect(call.messages('warning')).toEqual([
    'the SSML cannot be read: </speak> closes <break> (character 39); its words are said without its markup',
  ]);
});

test('a doubt about SSML is a warning', () => {
  const call = run({ text: '<speak><say-as interpret-as="date">${callerNo}</say-as></speak>' }).toEnd();
  expect(call.messages('warning')).toEqual([
    'SSML: "+19495550101" is no date as in "3/4/2026"; it is spoken as it is (character 8)',
  ]);
});

test('SSML out of a variable is text', () => {
  const ssml = '<speak>Hi</speak>';
  for (const text of ['$sessionData.x', '${sessionData.x}']) {
    expect(run({ text }, { sessionData: { x: ssml } }).toEnd().heard).toEqual([ssml]);
  }
});

test('SSML that says nothing is passed over; a pause alone is played', () => {
  expect(run({ text: '<speak> <s/> </speak>' }).toEnd().messages('warning')).toEqual([
    'the text is empty; nothing is said',
  ]);
  expect(run({ text: '<speak><break time="1s"/></speak>' }).toEnd().heard).toEqual(['']);
});

test('a value longer than allowed is cut in SSML too', () => {
  const call = run(
    { text: '<speak>${sessionData.x}${sessionData.x}</speak>' },
    { sessionData: { x: 'y'.repeat(9_000) } },
  );
  expect(call.toEnd().heard[0]?.length).toBe(10_000);
  expect(call.messages('warning')[0]).toMatch(/^the text has \d+ characters; 10000 are said$/);
});

test('a text is cut where the settings say, which are in the log', () => {
  const call = run({ text: 'Good morning' }, { settings: { maxSayCharacters: 5 } }).toEnd();
  expect(call.heard).toEqual(['Good ']);
  expect(call.messages('warning')).toEqual(['the text has 12 characters; 5 are said']);
});
