import { expect, test } from 'vitest';
import { VirtualCall } from '../../testing/virtual-call.ts';

const HANGUP = { type: 'HANGUP' };

test('answers a call that rings, and goes on when media can flow', () => {
  const document = { actions: [{ type: 'ANSWER' }, { $t: '$status' }, HANGUP] };
  const call = new VirtualCall({ answers: { document } }).toEnd();
  expect(call.effects.map(({ type }) => type)).toEqual([
    'ring',
    'request_callback',
    'answer',
    'set_timer',
    'cancel_timer',
    'hang_up',
    'finish',
  ]);
  expect(call.events.find(({ type }) => type === 'variable_set')?.data.value).toBe('live-in-progress');
});

test('does nothing on a call that is up, inbound or outbound', () => {
  const document = { actions: [{ type: 'ANSWER' }, { type: 'ANSWER' }, HANGUP] };
  const early = new VirtualCall({ answers: { document }, settings: { answerOnRing: true } }).toEnd();
  expect(early.of('answer').length).toBe(1);
  const outbound = new VirtualCall({ answers: { document }, call: { direction: 'outbound' } }).answer().toEnd();
  expect(outbound.of('answer')).toEqual([]);
  expect(outbound.of('finish')[0]?.record.connectTimeSec).toBe(1);
});
