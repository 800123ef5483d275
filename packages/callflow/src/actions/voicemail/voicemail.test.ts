import { expect, test } from 'vitest';
import type { JsonObject } from '../../io.ts';
import { VirtualCall, type VirtualCallOptions } from '../../testing/virtual-call.ts';

const say = (text: string): JsonObject => ({ type: 'SAY', params: { text } });
const HANGUP: JsonObject = { type: 'HANGUP' };
const begin = (actions: JsonObject[], options: Partial<VirtualCallOptions> = {}) =>
  new VirtualCall({ answers: { document: { actions } }, settings: { answerOnRing: true }, ...options });

const voicemail = (actions?: JsonObject[], params: JsonObject = {}): JsonObject => {
  return { type: 'VOICEMAIL', params, ...(actions && { actions }) };
};

test('the message begins when the beep is over', () => {
  const world = { party: { is: 'answering_machine' as const, beepMs: 4_000 } };
  const call = begin([voicemail([say('Message.')]), say('Next.'), HANGUP], { world }).toEnd();
  expect(call.of('start_detection')).toMatchObject([{ want: ['beep'] }]);
  expect((call.of('play')[0]?.atMs ?? 0) - (call.of('start_detection')[0]?.atMs ?? 0)).toBe(4_000);
  expect(call.heard).toEqual(['Message.', 'Next.']);
});

test('without a beep the message is left all the same', () => {
  const call = begin([voicemail([say('Message.')], { timeout: 3_000 }), HANGUP]).toEnd();
  expect(call.heard).toEqual(['Message.']);
  expect(call.messages('warning')).toEqual(['no beep was heard; the message is left all the same']);
});

test('without a message there is a warning; a failure is reported', () => {
  expect(begin([voicemail(), HANGUP]).toEnd().messages('warning')[0]).toMatch(/^actions is missing/);
  const call = begin([voicemail([say('x')]), HANGUP]).advance(200);
  call.input({ type: 'detection_failed', detectionId: 'e1', reason: 'x', atMs: call.nowMs }).toEnd();
  expect([call.heard, call.messages('error')]).toEqual([['x'], ['the beep cannot be waited for: x']]);
});
