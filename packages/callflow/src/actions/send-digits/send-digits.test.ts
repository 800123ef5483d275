import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../io.ts';
import { VirtualCall, type VirtualCallOptions } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const send = (digits: Json): JsonObject => ({ type: 'SEND_DIGITS', params: { digits } });
const start = (actions: JsonObject[], options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: { document: { actions: [...actions, { type: 'HANGUP' }] } }, ...options });

test('answers, sends, and goes on when the digits are sent', () => {
  const call = start([send('1w2#'), say('done')]).toEnd();
  const [effect] = call.of('send_digits');
  expect(effect).toMatchObject({ sendId: 'd1', digits: '1w2#' });
  expect((call.of('play')[0]?.atMs ?? 0) - (effect?.atMs ?? 0)).toBe(400);
  expect(call.of('answer').length).toBe(1);
});

test.each<[Json, string[], string[]]>([
  ['(212) 555-01.00', ['2125550100'], []],
  ['abWd', ['ABwD'], []],
  ['$ext', ['204'], []],
  [17, ['17'], ['params.digits is a number, taken as the text "17"']],
  ['1x2,', ['12'], Array(2).fill('params.digits: "x," is no key; it is left out')],
  ['$missing', [], ['there are no digits to send']],
  ['1'.repeat(130), ['1'.repeat(128)], ['there are 130 digits; 128 are sent']],
])('%j', (digits, sent, warnings) => {
  const call = start([{ $ext: '204' }, send(digits), say('on')]).toEnd();
  expect(call.of('send_digits').map((effect) => effect.digits)).toEqual(sent);
  expect(call.messages('warning')).toEqual(warnings);
  expect(call.heard).toEqual(['on']);
});

test('a failure is an error and the list goes on', () => {
  const call = start([send('1'), say('on')], { sendError: 'no telephone-event was agreed' }).toEnd();
  expect(call.heard).toEqual(['on']);
  expect(call.messages('error')).toEqual(['the digits could not be sent: no telephone-event was agreed']);
});

test('a loop over digits that cannot be sent is ended', () => {
  const loop = [{ type: 'LABEL', name: 'L' }, send('1'), { type: 'GOTO', params: { label: 'L' } }];
  const call = start(loop, { sendError: 'x', settings: { maxStepsWithoutWait: 100, apologyText: '' } }).toEnd();
  expect(call.messages('error').at(-1)).toMatch(/^endless loop/);
});

test('cut short, what comes back late is for nobody', () => {
  const call = start([send('123456'), say('on')]).advance(200);
  call.input({ type: 'inject_actions', when: 'now', actions: [say('put in')], atMs: call.nowMs });
  expect(call.toEnd().heard).toEqual(['put in', 'on']);
});
