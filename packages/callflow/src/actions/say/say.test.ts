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
